import Testing

@testable import GopmProcfs

@Suite struct KeyedFileTests {
    private let status = KeyedFile(
        parsing: Array(
            """
            Name:\tnginx: worker
            Umask:\t0022
            State:\tS (sleeping)
            Tgid:\t4242
            Uid:\t33\t34\t35\t36
            VmPeak:\t   11172 kB
            CapEff:\t00000000a80425fb
            NSpid:\t4242\t7\t1
            voluntary_ctxt_switches:\t150

            """.utf8
        )
    )

    @Test func valuesAreFoundByTheirKeys() {
        #expect(status.text("Name") == "nginx: worker")
        #expect(status.number("Tgid") == 4242)
        #expect(status.numbers("Uid") == [33, 34, 35, 36])
        #expect(status.numbers("NSpid") == [4242, 7, 1])
        #expect(status.bytes("VmPeak") == 11172 * 1024)
        #expect(status.mask("CapEff") == 0xa804_25fb)
        #expect(status.number("voluntary_ctxt_switches") == 150)
    }

    @Test func aKeyIsNotFoundByItsBeginning() {
        #expect(status["Vm"] == nil && status["VmPeakX"] == nil && status[""] == nil)
        #expect(status.bytes("VmRSS") == nil)
    }

    @Test func numbersThatDoNotFitAreNone() {
        let file = KeyedFile(parsing: Array("a: 99999999999999999999\nb: 18446744073709551615 kB\nc: -1\nd: x\n".utf8))
        #expect(file.number("a") == nil && file.bytes("b") == nil && file.number("c") == nil && file.mask("d") == nil)
    }
}

@Suite struct LimitsFileTests {
    private let file = LimitsFile(
        parsing: Array(
            """
            Limit                     Soft Limit           Hard Limit           Units     
            Max cpu time              unlimited            unlimited            seconds   
            Max stack size            8388608              unlimited            bytes     
            Max open files            1024                 1048576              files     
            Max file locks            281474976710657      unlimited            locks     
            Max nice priority         0                    0                    
            Max realtime timeout      unlimited            unlimited            us        

            """.utf8
        )
    )

    @Test func namesWithBlanksAndMissingUnits() {
        #expect(
            file.limits.map(\.name) == [
                "cpu time", "stack size", "open files", "file locks", "nice priority", "realtime timeout",
            ]
        )
        #expect(file["open files"] == .init(name: "open files", soft: 1024, hard: 1_048_576, unit: "files"))
        #expect(file["stack size"]?.hard == nil && file["stack size"]?.soft == 8_388_608)
        #expect(file["nice priority"]?.unit == "" && file["nice priority"]?.soft == 0)
    }

    @Test func theLimitOfLocksIsALifeID() {
        #expect(file.lifeID == 281_474_976_710_657)
        #expect(LimitsFile(parsing: Array("Max file locks unlimited unlimited locks\n".utf8)).lifeID == nil)
        // Somebody's own limit is no life id.
        #expect(LimitsFile(parsing: Array("Max file locks 1000 1000 locks\n".utf8)).lifeID == nil)
    }
}

@Suite struct CgroupFileTests {
    @Test func bothVersions() {
        let both = CgroupFile.parse(
            Array("12:cpu,cpuacct:/user.slice\n1:name=systemd:/a:b\n0::/system.slice/x.service\n".utf8)
        )
        #expect(both.map(\.controllers) == ["cpu,cpuacct", "name=systemd", "unified"])
        #expect(both.map(\.path) == ["/user.slice", "/a:b", "/system.slice/x.service"])
    }
}

@Suite struct CapabilitiesTests {
    @Test func namesByBit() {
        #expect(Capabilities.names(of: 1 << 10 | 1 << 21) == ["net_bind_service", "sys_admin"])
        #expect(Capabilities.names(of: 1 << 63) == ["63"])
    }

    @Test func inShort() {
        let known: UInt64 = 1 << 41 - 1
        #expect(Capabilities.summary(of: known, known: known) == "all")
        #expect(Capabilities.summary(of: 0, known: known) == "none")
        #expect(Capabilities.summary(of: 1 << 10, known: known) == "net_bind_service")
        #expect(Capabilities.summary(of: known & ~(1 << 21), known: known) == "all but sys_admin")
    }
}

@Suite struct TerminalNameTests {
    @Test(arguments: [
        (0, ""), (34816, "pts/0"), (34816 + 5, "pts/5"), (34816 + 0x10_0000, "pts/256"), (1025, "tty1"),
        (1088, "ttyS0"), (1281, "console"), (7 << 8, "7:0"),
    ])
    func byDeviceNumber(device: Int32, name: String) {
        #expect(TerminalName.text(device) == name)
    }
}

@Suite struct AccountNamesTests {
    @Test func theThirdFieldDecides() {
        let passwd = Array("root:x:0:0::/root:/bin/sh\n\nbroken\nnobody:x:65534:65534::/:/bin/false\n".utf8)
        #expect(AccountNames.parse(passwd) == [65534: "nobody", 0: "root"])
    }
}

import GopmSystem
import SeededRandom
import Testing

@testable import GopmProcfs

/// Parsers must take whatever they get: a process may write into its own name, command line and environment.
@Suite struct DamageTests {
    private static let samples: [String] = [
        "4242 (a) b) S 1 4242 4242 34816 0 4194560 188 0 0 0 3 4 0 0 20 0 1 0 98765 2478080 224 18446744073709551615 94 95\n",
        "Name:\tx\nUid:\t0\t0\t0\t0\nVmRSS:\t 12 kB\nCapEff:\t00ff\nNSpid:\t1\t2\n",
        "Limit Soft Hard Units\nMax open files   1024   unlimited   files     \nMax nice priority  0  0  \n",
        "0::/a\n4:cpu,x:/b:c\n",
        "h\n 0: 0100007F:1F90 00000000:0000 0A 0:0 0:0 0 0 0 4711 1 0\n",
        "h\n 0: 0000000000000000FFFF00000100007F:1F90 00000000000000000000000000000000:0000 01 0:0 0:0 0 0 0 4711 1 0\n",
        "h\n0: 00000002 00000000 00010000 0001 01 20001 /run/x y\n",
        "A=1\0B=2\0A=3\0=\0C\0",
    ]

    private func parse(_ bytes: [UInt8]) {
        _ = ProcStat(parsing: bytes)
        let keyed = KeyedFile(parsing: bytes)
        _ = (keyed.bytes("VmRSS"), keyed.numbers("Uid"), keyed.mask("CapEff"), keyed.text("Name"))
        _ = LimitsFile(parsing: bytes).lifeID
        _ = CgroupFile.parse(bytes)
        for table in SocketTable.allCases { _ = table.sockets(in: bytes) { _ in true } }
        _ = AccountNames.parse(bytes)
        _ = ProcessCommand(bytes).text
        _ = ProcessInspection.parseEnvironment(bytes)
        _ = OpenFile.kind(bytes) { nil }
        _ = OpenFile.inode(bytes.text)
        _ = SecurityProfile.inode(bytes)
        if let stat = ProcStat(parsing: bytes) {
            _ = (ProcessTimes.nanoseconds(stat.startTicks), TerminalName.text(stat.terminal))
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func randomDamageIsNoTrap(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<400 {
            var bytes = Array(DamageTests.samples.randomElement(using: &random)?.utf8 ?? "".utf8)
            for _ in 0..<Int.random(in: 1...8, using: &random) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.removeSubrange(index...)
                case 2: bytes.insert(contentsOf: "99999999999999999999".utf8, at: index)
                case 3: bytes.remove(at: index)
                default: bytes.insert(contentsOf: bytes[index...], at: index)
                }
            }
            parse(bytes)
        }
    }

    @Test func everyBeginningOfASampleIsNoTrap() {
        for sample in DamageTests.samples {
            for count in 0...sample.utf8.count { parse(Array(sample.utf8.prefix(count))) }
        }
    }
}

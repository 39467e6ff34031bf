import Testing

@testable import GopmProcfs

/// Tables as Linux 6.1 on x86-64 writes them.
@Suite struct SocketTableTests {
    private func all(_ table: SocketTable, _ text: String) -> [Socket] {
        table.sockets(in: Array(text.utf8)) { _ in true }
    }

    @Test func tcp() {
        let text = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000000000000000 100 0 0 10 0
               1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 02:00000AF0 00000000     0        0 4712 2 0000000000000000 20 4 30 10 -1
               2: 0100007F:1F90 0100007F:C352 06 00000000:00000000 03:00000AF0 00000000     0        0 0 3 0000000000000000

            """
        #expect(
            all(.tcp, text) == [
                Socket(proto: "tcp", local: "127.0.0.1:8080", remote: "0.0.0.0:*", state: "LISTEN", inode: 4711),
                Socket(
                    proto: "tcp",
                    local: "127.0.0.1:8080",
                    remote: "127.0.0.1:50000",
                    state: "ESTABLISHED",
                    inode: 4712
                ),
            ]
        )
        #expect(SocketTable.tcp.sockets(in: Array(text.utf8)) { $0 == 4712 }.map(\.inode) == [4712])
    }

    @Test(arguments: [
        ("00000000000000000000000000000000", "[::]:22"), ("00000000000000000000000001000000", "[::1]:22"),
        ("0000000000000000FFFF00000100007F", "[::ffff:127.0.0.1]:22"),
        ("B80D0120000000000000000001000000", "[2001:db8::1]:22"),
        ("000080FE00000000FF005450B2D4F2FE", "[fe80::5054:ff:fef2:d4b2]:22"),
        ("B80D012001000000000001000100FFFF", "[2001:db8:0:1:1:0:ffff:1]:22"),
    ])
    func ipv6InItsShortestForm(address: String, text: String) {
        let line = "head\n 0: \(address):0016 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 99\n"
        #expect(all(.tcp6, line).map(\.local) == [text])
    }

    @Test func udpHasNoConnection() {
        let line = "head\n 0: 00000000:0044 00000000:0000 07 0:0 00:0 0 0 0 55 2 0 0\n"
        #expect(all(.udp, line).first?.state == "UNCONN")
    }

    @Test func unixPathsMayHaveBlanks() {
        let text = """
            Num       RefCount Protocol Flags    Type St Inode Path
            0000000000000000: 00000002 00000000 00010000 0001 01 20001 /run/a b  c
            0000000000000000: 00000003 00000000 00000000 0001 03 20002
            0000000000000000: 00000002 00000000 00000000 0002 01 20003 @abstract

            """
        let sockets = all(.unix, text)
        #expect(sockets.map(\.local) == ["/run/a b  c", "", "@abstract"])
        #expect(sockets.map(\.state) == ["LISTEN", "ESTABLISHED", "UNCONN"])
    }

    @Test(arguments: [SocketTable.tcp, .tcp6, .udp, .raw6, .icmp])
    func tornLinesAreLeftOut(table: SocketTable) {
        let lines = [
            "head", "0:", "0: x:y z:0 0A 0 0 0 0 0 9", "0: 0100007F:1F90", "0: 0100007F:FFFFF 0:0 0A 0 0 0 0 0 9",
            "::::::::: : : : : : :", "0: 010000:1F90 00000000:0000 0A 0:0 0:0 0 0 0 77",
        ]
        #expect(all(table, lines.joined(separator: "\n")).isEmpty)
    }
}

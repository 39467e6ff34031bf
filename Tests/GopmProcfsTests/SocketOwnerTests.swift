import Testing

@testable import GopmProcfs

#if canImport(Glibc)
    import Glibc
#endif

/// Tables as Linux 6.1 on x86-64 writes them.
@Suite struct SocketOwnerTests {
    private let table = """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 0100007F:4A37 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000000000000000 100 0 0 10 0
           1: 0100007F:C350 0100007F:4A37 01 00000000:00000000 02:00000AF0 00000000  1000        0 4712 2 0000000000000000 20 4 30 10 -1
           2: 0100007F:4A37 0100007F:C350 01 00000000:00000000 02:00000AF0 00000000     0        0 4713 2 0000000000000000 20 4 30 10 -1
           3: 0100007F:C352 0100007F:4A37 04 00000000:00000000 03:00000AF0 00000000     0        0 0 3 0000000000000000

        """

    private func end(_ port: UInt16) -> SocketOwner.End { .init(address: [127, 0, 0, 1], port: port) }

    private func user(_ local: UInt16, _ remote: UInt16) -> UInt32? {
        SocketOwner.user(of: end(local), to: end(remote), in: Array(table.utf8))
    }

    @Test func theClientsEndIsTheClients() {
        #expect(user(50000, 18999) == 1000)
        #expect(user(18999, 50000) == 0)
    }

    /// Of a socket that its owner has closed the kernel says that it is root's.
    @Test func aSocketWithoutOwnerIsNobodys() {
        #expect(user(50002, 18999) == nil)
        #expect(user(50001, 18999) == nil)
    }

    @Test func loopbackIsKnown() {
        #expect(SocketOwner.End(address: [127, 1, 2, 3], port: 1).isLoopback)
        #expect(!SocketOwner.End(address: [128, 0, 0, 1], port: 1).isLoopback)
        let mapped = [UInt8](repeating: 0, count: 10) + [0xff, 0xff, 127, 0, 0, 1]
        #expect(SocketOwner.End(address: mapped, port: 1).isLoopback)
        #expect(SocketOwner.End(address: [UInt8](repeating: 0, count: 15) + [1], port: 1).isLoopback)
        #expect(!SocketOwner.End(address: [UInt8](repeating: 0, count: 16), port: 1).isLoopback)
    }

    @Test func damagedTablesSayNothing() {
        for length in stride(from: 0, to: table.utf8.count, by: 7) {
            let part = Array(table.utf8.prefix(length))
            let found = SocketOwner.user(of: end(50000), to: end(18999), in: part)
            #expect(found == nil || found == 1000 || found == 0)
        }
    }
}

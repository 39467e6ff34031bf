import GopmModel
import GopmSystem

@testable import GopmProcfs

enum SystemTargets {
    /// Files of `/proc/PID` and `/etc/passwd`.
    static func procfs(_ bytes: [UInt8]) {
        if let stat = ProcStat(parsing: bytes) {
            _ = (ProcessTimes.nanoseconds(stat.startTicks), TerminalName.text(stat.terminal))
        }
        bytes.withUnsafeBufferPointer { precondition(ProcStat.parent(in: $0) ?? 0 >= 0) }
        let keyed = KeyedFile(parsing: bytes)
        _ = (keyed.bytes("VmRSS"), keyed.numbers("Uid"), keyed.mask("CapEff"), keyed.text("Name"))
        _ = (keyed.number("flags"), keyed.number("ino"))
        _ = (CgroupFile.parse(bytes), AccountNames.parse(bytes))
        if let life = LimitsFile(parsing: bytes).lifeID { precondition(LifeScan.ids.contains(life)) }
        _ = (ProcessCommand(bytes).text, ProcessInspection.parseEnvironment(bytes))
        let text = String(decoding: bytes, as: UTF8.self)
        _ = (OpenFile.kind(bytes) { nil }, OpenFile.inode(text), SecurityProfile.inode(bytes))
    }

    /// The tables of `/proc/net`: addresses of the owner's connection are found as they were printed.
    static func sockets(_ bytes: [UInt8]) {
        for table in SocketTable.allCases {
            for socket in table.sockets(in: bytes, wanted: { _ in true }) where socket.proto.hasPrefix("tcp") {
                precondition(socket.inode != 0 && socket.local.contains(":"), "a socket without an owner or address")
            }
        }
        let end = SocketOwner.End(address: [127, 0, 0, 1], port: 18999)
        let other = SocketOwner.End(address: [127, 0, 0, 1], port: 40000)
        _ = SocketOwner.user(of: end, to: other, in: bytes)
    }
}

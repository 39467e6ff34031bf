#if canImport(Glibc)
    import Glibc
#endif

/// What gopmd asks of the keeper: one packet each, in order, and each is answered by one `KeeperReply`.
///
/// The first byte says what it is. A keeper lives through upgrades of gopmd, so these forms may be added to, never
/// changed; an older keeper answers what it doesn't know with `.refused`.
enum KeeperRequest: Sendable, Hashable {
    /// This connection's process is the supervisor from now on. `command` is what starts it again, or empty to leave
    /// that as it is.
    case hello(command: [String])
    /// Descriptor set number n, from 0.
    case fetch(Int)
    /// Hold the descriptors that come with this. A set of that name that is already there is closed.
    case store(name: String)
    case remove(name: String)
    case ping
    /// The programs have been stopped; do not start gopmd again. Answered by the end of the connection.
    case goodbye
}

enum KeeperReply: Sendable, Hashable {
    /// To `hello`: who holds, and how many sets.
    case welcome(pid: pid_t, count: Int)
    /// To `fetch`; the descriptors come with it.
    case set(name: String)
    case done
    /// Not held, not there, or not understood.
    case refused
    /// To `fetch`: too many descriptors are under way in the system; ask again.
    case busy
}

/// The limits of a message.
enum KeeperLimit {
    static let messageBytes = 8_192
    static let nameBytes = 255
    static let descriptors = 1...8
}

extension KeeperRequest {
    var bytes: [UInt8] {
        switch self {
        case .hello(let command): [UInt8(ascii: "H")] + command.flatMap { Array($0.utf8) + [0] }
        case .fetch(let number): [UInt8(ascii: "F")] + littleEndian(number)
        case .store(let name): [UInt8(ascii: "S")] + Array(name.utf8)
        case .remove(let name): [UInt8(ascii: "R")] + Array(name.utf8)
        case .ping: [UInt8(ascii: "P")]
        case .goodbye: [UInt8(ascii: "G")]
        }
    }

    init?(_ bytes: [UInt8]) {
        let body = bytes.dropFirst()
        switch bytes.first {
        case UInt8(ascii: "H"):
            self = .hello(command: body.split(separator: 0).map { String(decoding: $0, as: UTF8.self) })
        case UInt8(ascii: "F"):
            guard let number = number(littleEndian: body) else { return nil }
            self = .fetch(number)
        case UInt8(ascii: "S"):
            guard let name = name(body) else { return nil }
            self = .store(name: name)
        case UInt8(ascii: "R"):
            guard let name = name(body) else { return nil }
            self = .remove(name: name)
        case UInt8(ascii: "P"):
            self = .ping
        case UInt8(ascii: "G"):
            self = .goodbye
        default:
            return nil
        }
    }
}

extension KeeperReply {
    var bytes: [UInt8] {
        switch self {
        case .welcome(let pid, let count): [UInt8(ascii: "W")] + littleEndian(Int(pid)) + littleEndian(count)
        case .set(let name): [UInt8(ascii: "D")] + Array(name.utf8)
        case .done: [UInt8(ascii: "K")]
        case .refused: [UInt8(ascii: "N")]
        case .busy: [UInt8(ascii: "B")]
        }
    }

    init?(_ bytes: [UInt8]) {
        let body = bytes.dropFirst()
        switch bytes.first {
        case UInt8(ascii: "W"):
            guard let pid = number(littleEndian: body.prefix(4)) else { return nil }
            guard let count = number(littleEndian: body.dropFirst(4)) else { return nil }
            self = .welcome(pid: pid_t(pid), count: count)
        case UInt8(ascii: "D"):
            guard let name = name(body) else { return nil }
            self = .set(name: name)
        case UInt8(ascii: "K"):
            self = .done
        case UInt8(ascii: "N"):
            self = .refused
        case UInt8(ascii: "B"):
            self = .busy
        default:
            return nil
        }
    }
}

private func name(_ bytes: ArraySlice<UInt8>) -> String? {
    (1...KeeperLimit.nameBytes).contains(bytes.count) ? String(validating: bytes, as: UTF8.self) : nil
}

/// Four bytes; counts and pids are small.
private func littleEndian(_ number: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
}

private func number(littleEndian bytes: ArraySlice<UInt8>) -> Int? {
    guard bytes.count == 4 else { return nil }
    let number = bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    return number <= Int(Int32.max) ? number : nil
}

import GopmJSON
import GopmModel
import GopmWire

@testable import GopmDaemon
@testable import GopmKeeper

enum WireTargets {
    /// A client's bytes, in whatever pieces, are the same lines; an answer is one line of JSON whatever was asked.
    static func request(_ bytes: [UInt8]) {
        var choices = Choices(bytes)
        let piece = 1 + choices.number(below: 64)
        let input = Array(choices.bytes)
        let limit = 256
        let cut = lines(input, piece: piece, limit: limit)
        precondition(cut == lines(input, piece: max(input.count, 1), limit: limit), "lines depend on how they come")
        precondition(cut.allSatisfy { $0.map { !$0.isEmpty && $0.count <= limit && !$0.contains(0x0a) } ?? true })
        for line in cut + [input] { if let line { answer(line) } }
    }

    private static func lines(_ input: [UInt8], piece: Int, limit: Int) -> [[UInt8]?] {
        var framer = LineFramer(limit: limit)
        var lines: [[UInt8]?] = []
        for start in stride(from: 0, to: input.count, by: piece) {
            input[start..<min(start + piece, input.count)].withUnsafeBytes { framer.append($0) }
            loop: while true {
                switch framer.next() {
                case .line(let line): lines.append(line)
                case .tooLong:
                    lines.append(nil)
                    framer.skipLongLine()
                case .needsMore: break loop
                }
            }
        }
        return lines
    }

    private static func answer(_ line: [UInt8]) {
        do throws(RequestError) {
            let request = try Request(parsing: line)
            check(Reply.success(id: request.id, data: JSONValue.object(request.params).encoded))
            _ = try? Subscription(request)
            var fields = FieldReader(request.params)
            let wish = StartRequest(from: &fields)
            if fields.faults.isEmpty { FileTargets.check(wish) }
        } catch {
            check(Reply.failure(id: error.id, error))
        }
        _ = ReceivedReply(parsing: line)
    }

    private static func check(_ reply: [UInt8]) {
        precondition(reply.firstIndex(of: 0x0a) == reply.count - 1, "an answer is not one line")
        precondition(ReceivedReply(parsing: reply.dropLast()) != nil, "an answer is not understood")
    }

    /// A message of the keeper is itself again when it is written and read.
    static func keeper(_ bytes: [UInt8]) {
        if let request = KeeperRequest(bytes) { precondition(KeeperRequest(request.bytes) == request) }
        if let reply = KeeperReply(bytes) { precondition(KeeperReply(reply.bytes) == reply) }
    }
}

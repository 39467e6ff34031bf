import GopmJSON
import GopmLogs
import GopmModel
import GopmWire

/// The answer to `logs`, for clients that don't read log files themselves: `{"content":"…","log_path":"…"}`.
struct LogsAnswer: Sendable {
    /// Standard error first, as `gopm logs` merges them.
    var paths: [String]
    var lines: Int

    /// Bytes of text; what is older is left out.
    private static let limit = 1 << 20

    @SupervisorActor
    init(_ request: Request, of process: ManagedProcess) throws(RequestError) {
        let spec = process.record.spec
        var fields = FieldReader(request.params)
        lines = fields.integer("lines", in: 0...100_000) ?? 20
        let wantsErrorsOnly = fields.bool("err_only") ?? false
        try fields.refuseFaults()
        paths = wantsErrorsOnly || spec.logOut == spec.logErr ? [spec.logErr] : [spec.logErr, spec.logOut]
    }

    /// Reads the files; to be called on the disk thread.
    func encoded() -> [UInt8] {
        var text: [UInt8] = []
        LogTail(lines: lines, of: paths).forEachPiece { _, piece in
            text.append(contentsOf: piece.bytes)
            if piece.end != .continues { text.append(UInt8(ascii: "\n")) }
            if text.count > 2 * LogsAnswer.limit { text.removeFirst(text.count - LogsAnswer.limit) }
            return true
        }
        var json = JSONWriter(reservingCapacity: text.count + 256)
        json.object { json in
            json.key("content")
            json.string(lossyUTF8: text.suffix(LogsAnswer.limit))
            json.member("log_path", paths.last ?? "")
        }
        return json.bytes
    }
}

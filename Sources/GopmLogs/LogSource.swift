/// One log among those that are shown together, and the part of it that is.
final class LogSource {
    /// The time of lines before the first stamp of the part that is shown.
    ///
    /// It is older than every stamp: such lines are where the log begins, or where the wanted number of lines was
    /// reached, and then all that is shown comes after them.
    static let beforeAnyStamp = Int64.min

    let log: RotatedLog?
    /// Where the part begins; its end is the end of the log.
    var start: LogPosition
    /// What went wrong with it; it has no more lines then.
    private(set) var failure: LogError?

    init(path: String, readsRotated: Bool, calls: LogFileCalls) {
        do throws(LogError) {
            let log = try RotatedLog(path: path, readsRotated: readsRotated, calls: calls)
            self.log = log
            start = log.end
        } catch {
            log = nil
            start = LogPosition(depth: 0, offset: 0)
            failure = error
        }
    }

    /// What `body` reads; nil when it fails, and then the source is at its end: the others are shown all the same.
    func reading<Value>(_ body: (RotatedLog) throws(LogError) -> Value?) -> Value? {
        guard let log, failure == nil else { return nil }
        do throws(LogError) {
            return try body(log)
        } catch {
            failure = error
            return nil
        }
    }
}

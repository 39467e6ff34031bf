import SystemPackage

/// Why a log can't be written, and when to try again.
struct LogFailure {
    let errno: Errno
    /// On the clock of `monotonicNow`.
    var nextTry: Int64
}

/// A log that can't be written never holds the program up: its output is dropped and counted, and when the log works
/// again it says how much is missing.
extension CaptureStream {
    func settleFault(_ fault: StreamFault) {
        switch fault {
        case .log(let errno):
            let isNews = failure == nil
            failure = LogFailure(errno: errno, nextTry: monotonicNow() + oneSecond)
            if isNews { report(.writeFailing(spec.id, path: spec.path, errno)) }
        case .fifo(let errno):
            closeFIFO()
            report(.broken(spec.id, path: spec.path, errno))
        }
    }

    /// Tries whether the log works again.
    ///
    /// The line about the loss is the trial.
    func retry(_ bench: CopyBench) {
        guard failure != nil else { return }
        do throws(StreamFault) {
            try ensureOpen(bench)
            let lost = record.lost
            if lost.bytes > 0 { try tellLost(lost, bench) }
            failure = nil
            report(.resumed(spec.id, path: spec.path, lostBytes: lost.bytes))
        } catch {
            settleFault(error)
        }
    }

    func tellLost(_ lost: (bytes: Int, errno: Int32), _ bench: CopyBench) throws(StreamFault) {
        try writeOwn(OwnLine.lost(lost.bytes, errno: lost.errno), bench)
        record.setLost(0, errno: 0)
    }

    /// Drops some of what waits in the FIFO.
    ///
    /// Returns how much, nil if there is nothing.
    func dropSome(_ bench: CopyBench) throws(StreamFault) -> Int? {
        guard let failure else { return nil }
        let dropped: Int
        do { dropped = try bench.drop(CopyBench.inputSize, from: fifo) } catch { throw .fifo(error) }
        record.setLost(record.lost.bytes + dropped, errno: failure.errno.rawValue)
        return dropped > 0 ? dropped : nil
    }
}

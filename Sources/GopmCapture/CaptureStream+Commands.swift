import SystemPackage

/// What the control thread asks of a stream. Each begins with what the FIFO holds at that moment, so that a log reads in
/// the order in which things happened.
extension CaptureStream {
    func actionLine(_ line: [UInt8], _ bench: CopyBench) {
        drain(bench)
        retry(bench)
        guard failure == nil else { return }  // the daemon's own log has it too
        do { try writeOwn(line, bench) } catch { settleFault(error) }
    }

    /// Empties the log and removes its companions.
    ///
    /// Returns the error, if any.
    func flush(_ bench: CopyBench) -> Errno? {
        drain(bench)
        var result: Errno?
        do throws(StreamFault) {
            try ensureOpen(bench)
            do { try file.flush(maxFiles: spec.maxFiles) } catch { result = error }
            if file.isRegular, file.size == 0 { stamper.position = .start }
            record.settle(snapshot)
        } catch {
            settleFault(error)
            if case .log(let errno) = error { result = errno }
        }
        retry(bench)  // there may be room now
        return result
    }

    /// The end of the stream: what is there now is written, what comes later is not.
    func finish(_ bench: CopyBench) {
        drain(bench)
        retry(bench)
        closeFIFO()
        file.close()
    }
}

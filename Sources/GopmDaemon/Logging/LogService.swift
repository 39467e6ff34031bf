import CLinux
import GopmCapture
import GopmModel
import GopmSystem
import Logging
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// The supervisor's side of the log thread: makes FIFOs, attaches and detaches streams, passes action lines on, and
/// writes what the thread reports into the daemon's log.
@SupervisorActor
final class LogService {
    private let home: Home
    private let pump: LogPump
    private let records: RecordTable
    private let logger: Logger
    private let budget: PipeBudget
    /// Rotated files kept.
    var maxFiles: Int
    /// For the names in reports.
    var nameOf: @SupervisorActor (Int) -> String? = { _ in nil }
    /// Told of the last counts of a process whose streams were closed.
    var onClosed: @SupervisorActor (_ process: Int, StreamCounters) -> Void = { _, _ in }
    private var events: LoopDescriptor?
    private var nextToken: UInt64 = 0
    private var closing: [UInt64: ProcessLogs] = [:]
    private var flushes: [UInt64: FlushWaiter] = [:]
    /// Paths of the FIFOs that are in use, and how large each of them may be, in bytes.
    private var fifos: Set<String> = []
    private var pipeSize = 1 << 20

    private struct FlushWaiter {
        let continuation: CheckedContinuation<String?, Never>
        let timer: LoopTimer
    }

    init(home: Home, maxFiles: Int, logger: Logger) throws(CaptureError) {
        self.home = home
        self.maxFiles = maxFiles
        self.logger = logger
        records = try RecordTable(path: home.run + "/records")
        pump = try LogPump(records: records)
        budget = PipeBudget(total: getuid() == 0 ? nil : 32 << 20)
        try pump.start()
        events = LoopDescriptor(pump.eventDescriptor, events: UInt32(EPOLLIN.rawValue)) { [unowned self] in takeEvents()
        }
    }

    /// Makes a process's FIFOs and begins to capture.
    func open(_ process: ManagedProcess) throws(SystemError) -> ProcessLogs {
        let spec = process.record.spec
        let logs = makeLogs(process) { slot(for: process.id, $0) }
        do throws(SystemError) {
            try attach(logs, spec)
        } catch {
            for slot in logs.slots { records.free(slot) }
            throw error
        }
        fifos.formUnion(logs.fifos)
        return logs
    }

    /// Makes the FIFOs in use smaller when there will be so many that they would take more than their share.
    ///
    /// A size is a power of two, so this happens a few times in all. One that holds more than fits stays as it is.
    private func fitPipes(to count: Int) {
        let size = budget.size(count: count)
        defer { pipeSize = size }
        guard size < pipeSize else { return }
        for path in fifos {
            guard let end = try? Fifo.openReadEnd(path) else { continue }
            _ = gopm_set_pipe_size(end, Int32(size))
            Glibc.close(end)
        }
    }

    /// The names and slots of a process's streams; one stream if both go to the same file.
    private func makeLogs(_ process: ManagedProcess, slot: (StreamID.Kind) -> Int) -> ProcessLogs {
        let isShared = process.record.spec.logOut == process.record.spec.logErr
        let outFifo = "\(home.run)/\(process.id).out"
        return ProcessLogs(
            processID: process.id,
            outFifo: outFifo,
            errFifo: isShared ? outFifo : "\(home.run)/\(process.id).err",
            outSlot: slot(.out),
            errSlot: isShared ? -1 : slot(.err)
        )
    }

    private func attach(_ logs: ProcessLogs, _ spec: ProcessSpec) throws(SystemError) {
        fitPipes(to: fifos.count + logs.fifos.count)
        for fifo in logs.fifos { try Fifo.make(fifo) }
        let out = try Fifo.openReadEnd(logs.outFifo)
        _ = gopm_set_pipe_size(out, Int32(pipeSize))
        if logs.isShared {
            pump.attach(streamSpec(logs.out, out, spec.logOut, spec, logs.outSlot))
            return
        }
        let err: Int32
        do throws(SystemError) {
            err = try Fifo.openReadEnd(logs.errFifo)
        } catch {
            Glibc.close(out)
            throw error
        }
        _ = gopm_set_pipe_size(err, Int32(pipeSize))
        pump.attach(streamSpec(logs.out, out, spec.logOut, spec, logs.outSlot))
        pump.attach(streamSpec(logs.err, err, spec.logErr, spec, logs.errSlot))
    }

    /// Goes on capturing what an earlier supervisor captured.
    ///
    /// `held` are the read ends that were kept; those that were not are opened by the FIFO's name, or by way of the
    /// program that writes into it.
    func adopt(_ process: ManagedProcess, _ life: Life, _ held: [Int32]) -> ProcessLogs {
        let spec = process.record.spec
        let logs = makeLogs(process) { kind in
            knownSlot(kind == .out ? life.outSlot : life.errSlot, for: process.id, kind)
        }
        let out = held.first ?? reopen(logs.outFifo, pid: life.pid, descriptor: 1, of: process)
        pump.attach(streamSpec(logs.out, out, spec.logOut, spec, logs.outSlot))
        if !logs.isShared {
            let err = held.count > 1 ? held[1] : reopen(logs.errFifo, pid: life.pid, descriptor: 2, of: process)
            pump.attach(streamSpec(logs.err, err, spec.logErr, spec, logs.errSlot))
        }
        fifos.formUnion(logs.fifos)
        return logs
    }

    private func reopen(_ fifo: String, pid: Int32, descriptor: Int32, of process: ManagedProcess) -> Int32? {
        // Only a name that is there is the FIFO that the program writes into; a new one would be another.
        if FileSystem.exists(fifo), let end = try? Fifo.openReadEnd(fifo) { return end }
        let end = pid > 0 ? Glibc.open("/proc/\(pid)/fd/\(descriptor)", O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1
        let found = end >= 0 ? "found by way of the program" : "lost until the next start"
        logger.warning(
            "FIFO is gone",
            metadata: ["process": "\(process.name)", "path": "\(fifo)", "stream": "\(found)"]
        )
        return end >= 0 ? end : nil
    }

    /// Frees the records of processes that are not there any more.
    func freeUnusedSlots(except logs: [ProcessLogs]) {
        let used = Set(logs.flatMap(\.slots))
        for (slot, _) in records.owners where !used.contains(slot) { records.free(slot) }
    }

    private func streamSpec(_ id: StreamID, _ fifo: Int32?, _ path: String, _ spec: ProcessSpec, _ slot: Int)
        -> StreamSpec
    {
        StreamSpec(
            id: id,
            fifo: fifo,
            path: path,
            maxSize: Int(spec.maxLogSize),
            maxFiles: maxFiles,
            recordSlot: slot > 0 ? slot : nil
        )
    }

    /// The slot that an earlier supervisor used: what that one left half done is finished from it.
    private func knownSlot(_ slot: Int, for process: Int, _ kind: StreamID.Kind) -> Int {
        let owner = RecordOwner(stream: StreamID(process: process, kind: kind), generation: 0)
        if slot > 0, records.slot(slot)?.owner == owner { return slot }
        return self.slot(for: process, kind)
    }

    private func slot(for process: Int, _ kind: StreamID.Kind) -> Int {
        do throws(CaptureError) {
            return try records.allocate(RecordOwner(stream: StreamID(process: process, kind: kind), generation: 0))
        } catch {
            logger.error("no stream record", metadata: ["error": "\(error)"])
            return -1
        }
    }

    /// Writes a `[gopm]` line into the process's error log, after what the program has written so far.
    func action(_ process: ManagedProcess, _ text: String) {
        guard let logs = process.logs else { return }
        pump.actionLine(logs.err, text)
    }

    /// Ends the capture after what the program has written so far.
    func close(_ logs: ProcessLogs) {
        detach(logs)
        // The last stream's answer says that all are done, as answers come in order.
        closing[nextToken] = logs
        fifos.subtract(logs.fifos)
    }

    private func detach(_ logs: ProcessLogs) {
        for stream in logs.streams {
            nextToken += 1
            pump.detach(stream, token: nextToken)
        }
    }

    /// Removes the FIFOs of a process that is deleted; between lives they stay, as making them costs more than all the
    /// rest of a start.
    func forget(_ process: ManagedProcess) {
        for stream in ["out", "err"] { unlink("\(home.run)/\(process.id).\(stream)") }
    }

    /// Empties a process's log files.
    ///
    /// - Returns: `nil`, or what went wrong.
    func flush(_ process: ManagedProcess) async -> String? {
        var logs = process.logs
        if logs == nil {
            // Nothing runs: the streams are attached without a FIFO, just for this.
            let spec = process.record.spec
            let isShared = spec.logOut == spec.logErr
            let idle = ProcessLogs(
                processID: process.id,
                outFifo: "",
                errFifo: isShared ? "" : "-",
                outSlot: -1,
                errSlot: -1
            )
            pump.attach(streamSpec(idle.out, nil, spec.logOut, spec, -1))
            if !isShared { pump.attach(streamSpec(idle.err, nil, spec.logErr, spec, -1)) }
            logs = idle
        }
        guard let logs else { return nil }
        var problem: String?
        for stream in logs.streams {
            let answer = await flush(stream)
            problem = problem ?? answer
        }
        if process.logs == nil { detach(logs) }
        return problem
    }

    private func flush(_ stream: StreamID) async -> String? {
        nextToken += 1
        let token = nextToken
        return await withCheckedContinuation { continuation in
            let timer = LoopTimer { [unowned self] in finishFlush(token, "the log's disk does not answer") }
            flushes[token] = FlushWaiter(continuation: continuation, timer: timer)
            timer.arm(after: .seconds(10))
            pump.flush(stream, token: token)
        }
    }

    private func finishFlush(_ token: UInt64, _ problem: String?) {
        guard let waiter = flushes.removeValue(forKey: token) else { return }
        waiter.timer.cancel()
        waiter.continuation.resume(returning: problem)
    }

    /// Writes everything that programs have written and ends the thread.
    func stop() {
        events = nil
        if !pump.stop() { logger.error("log thread did not end in time") }
    }
}

// MARK: - Counters

extension LogService {
    /// Takes into a process's record what its logs have got since its newest life was started.
    func count(_ process: ManagedProcess) {
        guard let logs = process.logs else { return }
        process.record.counters.take(counters(of: logs))
    }

    /// A new life is about to be started: its logs are counted from here on.
    func restartCount(_ process: ManagedProcess, _ logs: ProcessLogs) {
        for slot in logs.slots { pump.resetCounters(recordSlot: slot) }
        process.record.counters.take(StreamCounters())
    }

    private func counters(of logs: ProcessLogs) -> StreamCounters {
        var sum = StreamCounters()
        for slot in logs.slots {
            let part = pump.counters(recordSlot: slot)
            sum.writtenBytes += part.writtenBytes
            sum.rotations += part.rotations
        }
        return sum
    }
}

extension ProcessCounters {
    mutating func take(_ logs: StreamCounters) {
        logBytes = logs.writtenBytes
        logRotations = logs.rotations
    }
}

// MARK: - What the log thread reports

extension LogService {
    private func takeEvents() {
        for event in pump.takeEvents() { take(event) }
    }

    private func take(_ event: PumpEvent) {
        switch event {
        case .rotated(let stream, let path, let rotations):
            note(.debug, "log rotated", stream, ["path": "\(path)", "rotations": "\(rotations)"])
        case .rotationFailing(let stream, let path, let errno):
            note(.error, "log cannot be rotated", stream, ["path": "\(path)", "error": "\(errno.words)"])
        case .writeFailing(let stream, let path, let errno):
            note(
                .error,
                "log cannot be written, output is dropped",
                stream,
                ["path": "\(path)", "error": "\(errno.words)"]
            )
        case .resumed(let stream, let path, let lost):
            note(.warning, "log is written again", stream, ["path": "\(path)", "lost_bytes": "\(lost)"])
        case .slow(let stream, let path, let milliseconds):
            note(.warning, "log is slow", stream, ["path": "\(path)", "write_ms": "\(milliseconds)"])
        case .quickAgain(let stream, let path):
            note(.info, "log is quick again", stream, ["path": "\(path)"])
        case .broken(let stream, let path, let errno):
            note(.error, "stream cannot be read", stream, ["path": "\(path)", "error": "\(errno.words)"])
        case .flushed(let token, let errno):
            finishFlush(token, errno.map { "cannot empty the log: \($0.words)" })
        case .detached(let token):
            guard let logs = closing.removeValue(forKey: token) else { return }
            onClosed(logs.processID, counters(of: logs))
            for slot in logs.slots { records.free(slot) }
        case .drained:
            break
        }
    }

    private func note(_ level: Logger.Level, _ message: Logger.Message, _ stream: StreamID, _ fields: Logger.Metadata) {
        var fields = fields
        fields["process"] = "\(nameOf(stream.process) ?? "\(stream.process)")"
        fields["stream"] = stream.kind == .out ? "stdout" : "stderr"
        logger.log(level: level, message, metadata: fields)
    }
}

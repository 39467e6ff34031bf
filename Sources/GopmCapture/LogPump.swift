import CLinux
import Glibc

/// The log thread, as the control thread sees it: it moves what managed programs write from their FIFOs into stamped,
/// rotated log files, exactly once even if the daemon is killed at any instant.
///
/// It alone touches log files.
///
/// Every call returns at once and may be made from any thread, except `stop`. The calls for one stream are carried out in
/// the order in which they were made. Answers and news come as events.
package final class LogPump: Sendable {
    private let switchboard: PumpSwitchboard
    private let records: RecordTable
    private let probe: CaptureProbe
    private let attached = Locked<Set<StreamID>>([])

    package init(records: RecordTable, probe: CaptureProbe = CaptureProbe()) throws(CaptureError) {
        self.records = records
        self.probe = probe
        switchboard = try PumpSwitchboard()
    }

    /// Starts the thread; to be called once.
    package func start() throws(CaptureError) {
        try PumpThread(switchboard, records, probe)?.start()
    }

    // MARK: Events

    /// An eventfd that is readable while there are events; it stays the pump's.
    package var eventDescriptor: Int32 { switchboard.eventDescriptor }

    /// The events since the last call, oldest first.
    package func takeEvents() -> [PumpEvent] { switchboard.takeEvents() }

    // MARK: Streams

    /// Begins to capture, after finishing what a killed daemon may have left half done.
    ///
    /// The pump owns `fifo` from now on. A stream of that id that is attached already is finished first, without an
    /// event.
    package func attach(_ spec: StreamSpec) {
        attached.withLock { _ = $0.insert(spec.id) }
        switchboard.send(.attach(spec))
    }

    /// Writes `STAMP [gopm] text` into the log, after what the program has written so far and in a line of its own.
    ///
    /// At most 4 KiB of text; control characters are escaped.
    package func actionLine(_ id: StreamID, _ text: String) {
        switchboard.send(.actionLine(id, OwnLine.bytes(text)))
    }

    /// Empties the log, with all that the program has written so far, and removes `.1` and up.
    ///
    /// Event: `.flushed`.
    package func flush(_ id: StreamID, token: UInt64) {
        switchboard.send(.flush(id, token: token))
    }

    /// Writes what is in the FIFOs of all streams now.
    ///
    /// Event: `.drained`.
    package func drain(token: UInt64) {
        switchboard.sendDrain(attached.withLock { $0 }, token: token)
    }

    /// Writes what is in the FIFO now, and closes it and the log.
    ///
    /// Event: `.detached`; the record's slot may then be freed.
    package func detach(_ id: StreamID, token: UInt64) {
        attached.withLock { _ = $0.remove(id) }
        switchboard.send(.detach(id, token: token))
    }

    /// What a stream's log has got since `resetCounters`; zero without a record.
    package func counters(recordSlot: Int) -> StreamCounters {
        records.slot(recordSlot)?.counters ?? StreamCounters()
    }

    package func resetCounters(recordSlot: Int) {
        records.slot(recordSlot)?.resetCounters()
    }

    /// Writes what is in the FIFOs now, closes everything and waits for the threads to end.
    ///
    /// False if one has not within that time, which a hanging disk can cause; it then ends when it can.
    package func stop(within milliseconds: Int = 5_000) -> Bool {
        switchboard.sendStop()
        let deadline = monotonicNow() + Int64(milliseconds) * 1_000_000
        while switchboard.openLanes > 0 {
            let left = deadline - monotonicNow()
            guard left > 0 else { return false }
            var request = pollfd(fd: switchboard.closed, events: Int16(POLLIN), revents: 0)
            poll(&request, 1, Int32(clamping: left / 1_000_000 + 1))
            capture_eventfd_clear(switchboard.closed)
        }
        return true
    }
}

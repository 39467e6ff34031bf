import CLinux
import CSystemd
import GopmSystem
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// What a C callback of the loop carries: the closure to call.
@SupervisorActor
private final class Handler {
    let body: @SupervisorActor () -> Void

    init(_ body: @escaping @SupervisorActor () -> Void) {
        self.body = body
    }

    nonisolated static func call(_ userdata: UnsafeMutableRawPointer?) {
        guard let userdata else { return }
        // The loop calls back on its own thread, to which the handler belongs; nothing crosses threads here.
        nonisolated(unsafe) let pointer = userdata
        SupervisorActor.assumeIsolated {
            Unmanaged<Handler>.fromOpaque(pointer).takeUnretainedValue().body()
        }
    }
}

/// A timer on `CLOCK_BOOTTIME`: it counts time spent suspended and never jumps.
///
/// It fires once per ``arm(after:)``.
@SupervisorActor
final class LoopTimer {
    private var source: OpaquePointer?
    private let handler: Handler

    init(_ body: @escaping @SupervisorActor () -> Void) {
        handler = Handler(body)
    }

    isolated deinit {
        sd_event_source_disable_unref(source)
    }

    func arm(after delay: Duration) {
        let microseconds = UInt64(max(delay.microseconds, 0))
        if let source {
            sd_event_source_set_time_relative(source, microseconds)
            sd_event_source_set_enabled(source, Int32(SD_EVENT_ONESHOT))
            return
        }
        // One microsecond of slack: the default would be a quarter of a second.
        sd_event_add_time_relative(
            EventLoop.shared.event,
            &source,
            CLOCK_BOOTTIME,
            microseconds,
            1,
            { _, _, userdata in
                Handler.call(userdata)
                return 0
            },
            Unmanaged.passUnretained(handler).toOpaque()
        )
    }

    func cancel() {
        guard let source else { return }
        sd_event_source_set_enabled(source, Int32(SD_EVENT_OFF))
    }
}

/// Calls back whenever a descriptor is ready, until it is released.
///
/// The descriptor stays the caller's.
@SupervisorActor
final class LoopDescriptor {
    private var source: OpaquePointer?
    private let handler: Handler

    /// `events`: epoll bits.
    init?(_ descriptor: Int32, events: UInt32, _ body: @escaping @SupervisorActor () -> Void) {
        handler = Handler(body)
        let result = sd_event_add_io(
            EventLoop.shared.event,
            &source,
            descriptor,
            events,
            { _, _, _, userdata in
                Handler.call(userdata)
                return 0
            },
            Unmanaged.passUnretained(handler).toOpaque()
        )
        guard result >= 0 else { return nil }
    }

    isolated deinit {
        sd_event_source_disable_unref(source)
    }

    func setEvents(_ events: UInt32) {
        sd_event_source_set_io_events(source, events)
    }

    func setEnabled(_ isEnabled: Bool) {
        sd_event_source_set_enabled(source, Int32(isEnabled ? SD_EVENT_ON : SD_EVENT_OFF))
    }
}

/// Calls back on a signal, which must be blocked in all threads.
@SupervisorActor
final class LoopSignal {
    private var source: OpaquePointer?
    private let handler: Handler

    init(_ number: Int32, _ body: @escaping @SupervisorActor () -> Void) {
        handler = Handler(body)
        sd_event_add_signal(
            EventLoop.shared.event,
            &source,
            number,
            { _, _, userdata in
                Handler.call(userdata)
                return 0
            },
            Unmanaged.passUnretained(handler).toOpaque()
        )
    }

    isolated deinit {
        sd_event_source_disable_unref(source)
    }
}

/// Calls back once, at the end of the current turn: many wishes of one turn become one act.
@SupervisorActor
final class LoopDeferred {
    private var source: OpaquePointer?
    private let handler: Handler

    init(_ body: @escaping @SupervisorActor () -> Void) {
        handler = Handler(body)
        sd_event_add_defer(
            EventLoop.shared.event,
            &source,
            { _, userdata in
                Handler.call(userdata)
                return 0
            },
            Unmanaged.passUnretained(handler).toOpaque()
        )
        sd_event_source_set_enabled(source, Int32(SD_EVENT_OFF))
        // After all else that is ready.
        sd_event_source_set_priority(source, Int64(SD_EVENT_PRIORITY_IDLE))
    }

    isolated deinit {
        sd_event_source_disable_unref(source)
    }

    func schedule() {
        sd_event_source_set_enabled(source, Int32(SD_EVENT_ONESHOT))
    }
}

extension Duration {
    /// Whole microseconds, rounded up, so that a timer never fires early.
    fileprivate var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + (attoseconds + 999_999_999_999) / 1_000_000_000_000
    }
}

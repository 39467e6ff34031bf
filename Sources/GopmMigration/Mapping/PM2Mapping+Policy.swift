import GopmJSON
import GopmModel

/// When it is restarted, and how it is stopped. PM2's defaults are written down, as they are not gopm's.
extension PM2Mapping {
    mutating func mapPolicy() {
        var policy = RestartPolicy()
        handled.formUnion(["autorestart", "stop_exit_codes"])
        policy.mode = process.flag("autorestart") == false ? .never : .always
        policy.noRestartOnExit = exitCodes()
        policy.minUptime = duration("min_uptime") ?? ProcessDefaults.minUptime
        let fixedDelay = duration("restart_delay")
        policy.restartDelay = fixedDelay ?? .zero
        if let first = duration("exp_backoff_restart_delay"), first > .zero {
            policy.usesBackoff = true
            policy.restartDelay = first
            policy.maxDelay = max(first, ProcessDefaults.longestBackoff)
            plan.remark("exp_backoff_restart_delay", "PM2 lets the delay grow by half up to 15s, gopm doubles it")
            if let fixedDelay, fixedDelay > .zero {
                plan.remark("restart_delay", "the growing delay wins over it, as in PM2")
            }
        }
        policy.maxRestarts = maxRestarts(policy)
        policy.killTimeout = duration("kill_timeout") ?? ProcessDefaults.killTimeout
        policy.killSignal = killSignal()
        plan.request.policy = policy
    }

    private mutating func exitCodes() -> [Int] {
        guard let value = process.setting("stop_exit_codes") else { return [] }
        let values = value.arrayValue ?? [value]
        let codes = values.compactMap { $0.asText.flatMap { Int($0) } }.filter { (0...255).contains($0) }
        if codes.count < values.count {
            plan.remark("stop_exit_codes", "of \(value.shortened) only whole numbers from 0 to 255 are exit codes")
        }
        return codes
    }

    /// PM2 counts short runs only while the process is younger than `min_uptime` × `max_restarts` (God.js, handleExit), so
    /// with a delay it may never give up: then neither does gopm, unless a number was asked for.
    private mutating func maxRestarts(_ policy: RestartPolicy) -> Int {
        let asked = take("max_restarts")?.asText.flatMap { Int($0) }
        let count = asked ?? ProcessDefaults.maxRestarts
        guard count > 0 else { return 0 }
        let givesUp = PM2Mapping.timeOfRestarts(count, policy) < policy.minUptime * min(count, 1_000_000)
        if asked != nil {
            if !givesUp {
                plan.remark("max_restarts", "with this delay PM2 never came to \(count); gopm counts restarts in a row")
            }
            return min(count, 1_000_000_000)
        }
        if !givesUp { plan.remark("max_restarts", "with this delay PM2 restarts without limit, so does gopm") }
        return givesUp ? count : 0
    }

    /// How long the delays of so many restarts take, at least.
    private static func timeOfRestarts(_ count: Int, _ policy: RestartPolicy) -> Duration {
        guard policy.usesBackoff else { return policy.restartDelay * min(count, 1_000_000) }
        var (sum, delay) = (Duration.zero, policy.restartDelay)
        for restart in 0..<count {
            if delay >= policy.maxDelay { return sum + policy.maxDelay * min(count - restart, 1_000_000) }
            sum += delay
            delay = min(delay * 1.5, policy.maxDelay)
        }
        return sum
    }

    /// SIGINT, unless PM2's daemon was told another one.
    private func killSignal() -> Signal {
        let own = process.environment["PM2_KILL_SIGNAL"]?.stringValue.flatMap { Signal($0) }
        return own ?? site.killSignal ?? .interrupt
    }
}

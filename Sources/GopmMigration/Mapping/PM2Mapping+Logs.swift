import GopmJSON
import GopmModel
import GopmSystem

/// Where the output goes: PM2's own places become gopm's own, places that somebody chose stay.
extension PM2Mapping {
    mutating func mapLogs() {
        let isMerged = process.flag("merge_logs") != false && !process.isCluster || process.flag("merge_logs") == true
        handled.insert("merge_logs")
        if process.flag("disable_logs") == true {
            handled.formUnion(["disable_logs", "pm_out_log_path", "pm_err_log_path"])
            plan.request.logOut = "/dev/null"
            plan.request.logErr = "/dev/null"
        } else {
            plan.request.logOut = chosenPath("pm_out_log_path", "out", isMerged)
            plan.request.logErr = chosenPath("pm_err_log_path", "error", isMerged)
        }
        if process.isCluster, process.flag("merge_logs") == true {
            plan.remark("merge_logs", "one process has one log a stream anyway")
        }
        if let path = take("pm_log_path")?.asText, path != "/dev/null" {
            plan.remark("log_file", "gopm keeps no third file; gopm logs \(plan.name) shows both streams in order")
        }
        if take("pm_pid_path").map({ !isOwnPIDFile($0.asText ?? "") }) == true {
            plan.remark("pid_file", "gopm writes none; gopm isrunning \(plan.name) --json has the PID")
        }
    }

    /// `nil` for the file that PM2 would choose itself.
    private mutating func chosenPath(_ key: String, _ stream: String, _ isMerged: Bool) -> String? {
        guard let path = take(key)?.asText, !path.isEmpty else { return nil }
        let own = Set(homes.map { "\($0)/logs/\(fileName)-\(stream)" })
        let stem = path.hasSuffix(".log") ? String(path.dropLast(4)) : path
        if own.contains(stem) || own.contains(withoutNumber(stem)) { return nil }
        // Without merged logs PM2 put the instance's number before the ending.
        guard !isMerged, path.hasSuffix(".log"), withoutNumber(stem) != stem else { return path }
        plan.remark(key, "\(path) was for one instance; gopm writes \(withoutNumber(stem)).log")
        return withoutNumber(stem) + ".log"
    }

    private func isOwnPIDFile(_ path: String) -> Bool {
        let stem = path.hasSuffix(".pid") ? String(path.dropLast(4)) : path
        return homes.contains { "\($0)/pids/\(fileName)" == withoutNumber(stem) || "\($0)/pids/\(fileName)" == stem }
    }

    /// PM2's home now, and the one that it had when the process was started.
    private var homes: [String] {
        [site.pm2Home, process.environment["PM2_HOME"]?.stringValue ?? site.pm2Home]
    }

    /// How PM2 writes the name into file names (Common.js, prepareAppConf).
    private var fileName: String {
        String(
            decoding: process.name.utf16.map { unit -> UInt8 in
                guard let byte = UInt8(exactly: unit) else { return UInt8(ascii: "-") }
                let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
                let isKept =
                    letters.contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x2e || byte == 0x5c
                return isKept && byte < 0x80 ? byte : UInt8(ascii: "-")
            },
            as: UTF8.self
        )
    }

    /// `web-out` of `web-out-4`.
    private func withoutNumber(_ stem: String) -> String {
        let digits = stem.utf8.reversed().prefix { (0x30...0x39).contains($0) }.count
        let rest = stem.dropLast(digits)
        return digits > 0 && rest.hasSuffix("-") ? String(rest.dropLast()) : stem
    }
}

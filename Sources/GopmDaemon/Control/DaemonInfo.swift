import GopmJSON
import GopmModel
import GopmSystem

#if canImport(Glibc)
    import Glibc
#endif

/// What `ping` tells of the daemon.
@SupervisorActor
final class DaemonInfo {
    let startedBoot = Clock.boot
    /// `nil` when no config file was found.
    var configFile: String?
    /// Why the last good config is in effect instead of the one that is there.
    var configProblems: [String] = []
    /// The command line of this image.
    var arguments: [String] = []
    /// What a hot reboot executes, whatever is asked for; `nil` where that is for the command to say.
    var rebootExecutable: String?

    func encodedPing() -> [UInt8] {
        let uptime = Duration.nanoseconds(Clock.boot - startedBoot)
        var json = JSONWriter()
        json.object { json in
            json.member("pid", Int(getpid()))
            json.member("uptime", HumanFormat.uptime(uptime))
            json.member("uptime_ms", uptime.wholeMilliseconds)
            json.member("uptime_seconds", uptime.components.seconds)
            json.member("version", GopmVersion.text)
            json.member("config_file", configFile ?? "")
            json.member("config_source", configFile == nil ? "defaults" : "found")
            if !configProblems.isEmpty { json.member("config_problems", configProblems) }
        }
        return json.bytes
    }
}

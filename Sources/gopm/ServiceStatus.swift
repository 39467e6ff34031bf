import GopmClient
import GopmCommandLine
import GopmJSON
import GopmModel
import GopmService
import GopmSystem
import GopmTerminal
import GopmWire

/// What `gopm status` says of the service.
struct ServiceStatus {
    /// The one of this home, else the machine's, which is another home's.
    private let unit: ServiceUnit?
    private let state: Systemctl.State
    private let isOfThisHome: Bool
    /// Programs that a daemon started by hand has started: they move into the service's group by a restart.
    private let outside: [String]

    init(_ home: Home, daemonPID: Int64?) {
        let own = ServiceUnit.serving(home, environment: Environment.value)
        let unit = own ?? ServiceUnit.read(ServiceUnit.systemPath, .system)
        self.unit = unit
        isOfThisHome = own != nil
        state = unit.map { Systemctl($0.scope).state(of: "\($0.name).service") } ?? Systemctl.State()
        outside = own.map { ServiceStatus.programsOutside($0, home, daemonPID) } ?? []
    }

    private var path: String { unit?.path ?? ServiceUnit.systemPath }

    /// Also true of a unit that is not ours.
    private var isInstalled: Bool { unit != nil || FileSystem.exists(path) }

    func print() {
        Console.out("Systemd:")
        Console.out("  Unit file: \(DisplayText.sanitized(path))")
        guard let unit else {
            return Console.out("  Installed: \(isInstalled ? "yes (not written by this gopm)" : "no")")
        }
        let remark = isOfThisHome ? "" : " (for another home: \(unit.home))"
        Console.out("  Installed: yes\(DisplayText.sanitized(remark))")
        if let user = unit.user { Console.out("  User: \(DisplayText.sanitized(user))") }
        let word = unit.isEnabled ? "enabled" : "suspended"
        Console.out("  State: \(state.active.isEmpty ? "unknown" : "\(state.active) (\(state.sub))"), \(word)")
        guard !outside.isEmpty else { return }
        Console.out(
            "  Not in its group until their next restart: \(DisplayText.sanitized(outside.joined(separator: ", ")))"
        )
    }

    func encode(into json: inout JSONWriter) {
        json.member("systemd_installed", isInstalled)
        json.member("systemd_unit_file", path)
        guard let unit else { return }
        json.member("systemd_scope", unit.scope.rawValue)
        json.member("systemd_user", unit.user ?? "")
        json.member("systemd_home", unit.home)
        json.member("systemd_enabled", unit.isEnabled)
        json.member("systemd_state", state.active)
        json.member("systemd_sub_state", state.sub)
        json.member("systemd_outside", outside)
    }

    /// The names of running programs that are not in the service's group.
    private static func programsOutside(_ unit: ServiceUnit, _ home: Home, _ daemonPID: Int64?) -> [String] {
        guard let daemonPID, let own = group(of: Int32(clamping: daemonPID)),
            let end = own.firstIndex(of: "\(unit.name).service"),
            let connection = try? DaemonAccess(home: home).connect(), let data = try? connection.call(.list),
            let records = try? RecordReading.records(data)
        else { return [] }
        return records.filter { record in
            guard record.pid > 0, let group = group(of: record.pid) else { return false }
            return !group.starts(with: own[...end])
        }.map(\.spec.name)
    }

    /// In the unified hierarchy (cgroups(7)), from its root.
    private static func group(of pid: Int32) -> [Substring]? {
        guard let bytes = try? FileSystem.read("/proc/\(pid)/cgroup") else { return nil }
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("0::") }
        return line.map { $0.dropFirst(3).split(separator: "/") }
    }
}

import GopmModel

/// What a program's environment is made of: a small base of the supervisor's own, the `PATH` of whoever typed `start`,
/// and what was declared.
///
/// Nothing else of the shell that happened to start the daemon leaks in.
struct ProgramEnvironment: Sendable {
    private static let baseNames = ["HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ"]
    /// For programs that were started without a recorded `PATH`.
    static let standardPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    private let base: [String: String]
    /// The supervisor's own search path.
    let path: String

    /// - Parameter lookUp: Reads a variable of the supervisor.
    init(lookUp: (String) -> String?) {
        var base: [String: String] = [:]
        for name in ProgramEnvironment.baseNames { base[name] = lookUp(name) }
        self.base = base
        path = lookUp("PATH") ?? ProgramEnvironment.standardPath
    }

    /// The user's directory.
    var home: String? { base["HOME"] }

    /// The folders in which this program's interpreter is looked up.
    func searchPath(of spec: ProcessSpec) -> String {
        spec.env["PATH"] ?? spec.searchPath ?? path
    }

    /// `NAME=value` for exec, sorted by name.
    func variables(for spec: ProcessSpec) -> [String] {
        var all = base
        all["PATH"] = spec.searchPath ?? path
        all.merge(spec.env) { $1 }
        return all.map { "\($0.key)=\($0.value)" }.sorted()
    }
}

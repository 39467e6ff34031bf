import GopmSystem

#if canImport(Glibc)
    import Glibc
#endif

/// Where the family's programs are: beside the running one, else in `../libexec/gopm`, else on `PATH`.
package enum ToolPath {
    /// The places to try for a program, in order.
    package static func candidates(_ name: String) -> [String] {
        var places: [String] = []
        if let own = FileSystem.ownExecutable {
            let folder = PathText.folder(own)
            places = ["\(folder)/\(name)", PathText.normalized("../libexec/gopm/\(name)", relativeTo: folder)]
        }
        let searchPath = Environment.value("PATH") ?? ""
        return places + searchPath.split(separator: ":").filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }
    }

    /// The first place that has it.
    package static func find(_ name: String) -> String? {
        candidates(name).first { access($0, X_OK) == 0 }
    }
}

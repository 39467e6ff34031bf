import GopmJSON
package import GopmModel

/// What becomes of one process of PM2 in gopm, and what does not.
package struct ImportPlan: Sendable, Hashable {
    /// More than one are the instances of a cluster.
    package var processes: [PM2Process]
    /// With a name.
    package var request: StartRequest
    package var remarks: [Remark] = []
    /// Variables that are PM2's own or of the terminal that is long gone.
    package var leftOut: [String] = []
    /// Why it cannot be moved, in one line.
    package var obstacle: String?

    /// Something of PM2 that gopm does otherwise or does not do, and what to do instead.
    package struct Remark: Sendable, Hashable {
        /// As PM2 calls it.
        package var field: String
        package var text: String
    }

    package var first: PM2Process { processes[0] }

    package var name: String { request.name ?? "" }

    package var wantsUp: Bool { processes.contains { $0.isUp } }

    /// Whether it did not stay up in PM2 either.
    package var isCrashLoop: Bool { wantsUp && processes.allSatisfy { $0.status == "waiting restart" || !$0.isUp } }

    package mutating func remark(_ field: String, _ text: String) {
        remarks.append(Remark(field: field, text: text))
    }
}

/// Where an import takes place: what the mapping must know besides PM2's data.
package struct ImportSite: Sendable {
    /// PM2's home, absolute.
    package var pm2Home: String
    /// HOME, USER, LOGNAME and SHELL, which every program of gopm has from its daemon.
    package var base: [String: String]
    /// Of files, whose programs would get it from the shell.
    package var searchPath: String?
    package var uid: UInt32
    package var userName: String?
    /// PM2's stop signal when its daemon was told another one.
    package var killSignal: Signal?

    package init(pm2Home: String, base: [String: String], uid: UInt32) {
        self.pm2Home = pm2Home
        self.base = base
        self.uid = uid
    }
}

/// Makes plans of PM2's processes.
package enum PM2Import {
    /// `taken`: Names that gopm has already; one that PM2's name must give way to is refused, not renamed.
    package static func plans(
        for processes: [PM2Process],
        at site: ImportSite,
        taken: Set<String> = []
    ) -> [ImportPlan] {
        let groups = PM2List.grouped(processes.filter { !$0.isModule })
        let names = NameChoice.names(for: groups.map { $0[0].name }, taken: taken)
        return zip(groups, names).map { group, name in
            var mapping = PM2Mapping(group, as: name.chosen, at: site)
            mapping.map()
            var plan = mapping.plan
            if let reason = name.reason { plan.remarks.insert(.init(field: "name", text: reason), at: 0) }
            if taken.contains(name.chosen) {
                plan.obstacle =
                    "gopm has a process named \"\(name.chosen)\" already (gopm delete \(name.chosen) makes room)"
            }
            return plan
        }
    }
}

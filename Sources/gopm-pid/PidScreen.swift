import GopmCommandLine
import GopmModel
import GopmProcfs
import GopmTerminal
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// The sections of an inspection as tables, one below the other.
struct PidScreen {
    /// Rows of a list in the view of everything; the section's own flag shows all.
    static let shortList = 40

    let inspection: ProcessInspection
    let peers: Peers?
    /// Whether all sections are shown, and long ones in short.
    let isWhole: Bool
    let accounts = AccountNames()

    init(_ inspection: ProcessInspection, peers: Peers?, isWhole: Bool) {
        self.inspection = inspection
        self.peers = peers
        self.isWhole = isWhole
    }

    func show(_ sections: Set<ProcessInspection.Section>, managed: () -> ManagedProgram?) {
        let identity = inspection.identity
        let name = DisplayText.sanitized(identity.name)
        Console.out(Console.styled("PID \(identity.pid)  \(name)", .bold) + "  \(identity.stateWord)")
        if sections.contains(.identity) { Console.out(identityTable) }
        if sections.contains(.resources), let resources = inspection.resources { Console.out(table(resources)) }
        if let program = managed() { Console.out(table(program)) }
        if sections.contains(.tree), let family = inspection.family { show(family) }
        if sections.contains(.fds) { show(inspection.files) }
        if sections.contains(.sockets) { show(inspection.sockets) }
        if sections.contains(.limits) { Console.out(limitsTable) }
        if sections.contains(.security), let security = inspection.security { Console.out(table(security)) }
        if let cgroups = inspection.cgroups {
            Console.out(list("Cgroup", "Path", cgroups.map { list in list.map { ($0.controllers, $0.path) } }))
        }
        if let environment = inspection.environment { show(environment) }
    }

    /// A table of names and values whose first heading is the section's.
    static func pairs(_ title: String, _ rows: [(String, Table.Cell)]) -> Table {
        var table = Table([Table.Column(title, minimumWidth: 12), Table.Column("Value", overflow: .wraps)])
        for (key, value) in rows { table.append([Table.Cell(key), value]) }
        return table
    }

    /// What stands where a part may not be read.
    static func cell(_ error: Errno) -> Table.Cell { Table.Cell(error.reasonUnreadable, .dim) }

    static func cell<Value>(_ reading: Reading<Value>, _ text: (Value) -> String) -> Table.Cell {
        switch reading {
        case .known(let value): Table.Cell(text(value))
        case .unreadable(let error): cell(error)
        }
    }

    private func list(_ name: String, _ value: String, _ reading: Reading<[(String, String)]>) -> Table {
        var table = Table([Table.Column(name, overflow: .wraps), Table.Column(value, overflow: .wraps)])
        switch reading {
        case .known(let pairs):
            for (name, value) in pairs { table.append([Table.Cell(name), Table.Cell(value)]) }
            if pairs.isEmpty { table.append(["-", "-"]) }
        case .unreadable(let error): table.append(["-", PidScreen.cell(error)])
        }
        return table
    }

    /// As lines, not as a table: one long value would make all of it wide, and people copy these.
    private func show(_ environment: Reading<[(name: String, value: String)]>) {
        Console.out(Console.styled("Environment", .bold))
        switch environment {
        case .known(let variables):
            for (name, value) in variables { Console.out(DisplayText.sanitized("\(name)=\(value)")) }
            if variables.isEmpty { Console.out(Console.styled("empty", .dim)) }
        case .unreadable(let error): Console.out(Console.styled(error.reasonUnreadable, .dim))
        }
    }

    // MARK: - Lists

    /// Longer command lines end there in the tree; identity and JSON have them whole.
    private static let longestCommand = 200

    private func show(_ family: ProcessFamily) {
        var table = Table([
            Table.Column("PID"), Table.Column("User", overflow: .truncates), Table.Column("Running"),
            Table.Column("Tree", overflow: .truncates, minimumWidth: 20),
        ])
        let own = family.chain.count
        let members = isWhole ? family.members.prefix(own + PidScreen.shortList) : family.members[...]
        let branches = TreeBranches.prefixes(of: members.map(\.depth))
        for (member, branch) in zip(members, branches) {
            let style: Style? = member.relation == .itself ? .bold : nil
            let long = member.command.count > PidScreen.longestCommand
            let command = long ? member.command.prefix(PidScreen.longestCommand) + "…" : member.command[...]
            let zombie = member.isZombie ? " (zombie)" : ""
            table.append([
                Table.Cell("\(member.pid)", style), Table.Cell(accounts.user(member.uid), style),
                Table.Cell(HumanFormat.uptime(.nanoseconds(member.age)), style),
                Table.Cell(branch + command + zombie, style),
            ])
        }
        let omitted = family.members.count - members.count + family.omitted
        if omitted > 0 {
            table.append(["…", "", "", Table.Cell("\(omitted) more\(isWhole ? ": --tree" : "")")])
        }
        Console.out(table)
    }

    private func show(_ reading: Reading<[OpenFile]>?) {
        guard let reading else { return }
        var table = Table([
            Table.Column("FD"), Table.Column("Type"), Table.Column("Mode"),
            Table.Column("Open File", overflow: .wraps, minimumWidth: 20),
        ])
        switch reading {
        case .unreadable(let error): table.append(["-", "-", "-", PidScreen.cell(error)])
        case .known(let files):
            let open = (inspection.sockets?.value ?? []).map { ($0.descriptor, $0.socket) }
            let sockets = Dictionary(open) { first, _ in first }
            let shown = isWhole ? files.prefix(PidScreen.shortList) : files[...]
            for file in shown {
                let text = sockets[file.number].map(SocketText.text) ?? file.target
                let lines = [Table.Cell.Line(text)] + peerLines(file.number)
                table.append([
                    Table.Cell("\(file.number)"), Table.Cell(file.kind.rawValue), Table.Cell(file.mode),
                    Table.Cell(lines: lines),
                ])
            }
            if shown.count < files.count {
                table.append(["…", "", "", Table.Cell("\(files.count - shown.count) more: --fds")])
            }
            if files.isEmpty { table.append(["-", "-", "-", "none"]) }
        }
        Console.out(table)
    }

    private func show(_ reading: Reading<[OpenSocket]>?) {
        guard let reading else { return }
        var table = Table([
            Table.Column("Socket"), Table.Column("State"), Table.Column("Local", overflow: .wraps, minimumWidth: 15),
            Table.Column("Remote", overflow: .wraps, minimumWidth: 15), Table.Column("FD"),
        ])
        switch reading {
        case .unreadable(let error): table.append(["-", "-", PidScreen.cell(error), "", ""])
        case .known(let sockets):
            // Those that listen are what people look for.
            let sorted = sockets.filter(\.socket.isListening) + sockets.filter { !$0.socket.isListening }
            let shown = isWhole ? sorted.prefix(PidScreen.shortList) : sorted[...]
            for open in shown {
                let remote =
                    open.socket.remote.isEmpty || open.socket.isListening ? [] : [Table.Cell.Line(open.socket.remote)]
                table.append([
                    Table.Cell(open.socket.proto),
                    Table.Cell(open.socket.state, open.socket.isListening ? .green : nil),
                    Table.Cell(open.socket.local), Table.Cell(lines: remote + peerLines(open.descriptor)),
                    Table.Cell("\(open.descriptor)"),
                ])
            }
            if shown.count < sorted.count {
                table.append(["…", "", Table.Cell("\(sorted.count - shown.count) more: --net"), "", ""])
            }
            if sorted.isEmpty { table.append(["-", "-", "none", "", ""]) }
        }
        Console.out(table)
    }

    private func peerLines(_ descriptor: Int32) -> [Table.Cell.Line] {
        (peers?.byDescriptor[descriptor] ?? []).map { Table.Cell.Line("→ \($0.name) (\($0.pid))", .cyan) }
    }

    private var limitsTable: Table {
        var table = Table([
            Table.Column("Limit"), Table.Column("Soft"), Table.Column("Hard"), Table.Column("Unit"),
        ])
        for limit in inspection.limits.limits {
            let isLife = limit.name == "file locks" && inspection.limits.lifeID != nil
            table.append([
                Table.Cell(limit.name),
                Table.Cell(isLife ? "(gopm's life id)" : PidScreen.limit(limit.soft)),
                Table.Cell(PidScreen.limit(limit.hard)), Table.Cell(limit.unit),
            ])
        }
        if inspection.limits.limits.isEmpty { table.append(["-", "-", "-", "-"]) }
        return table
    }

    static func limit(_ value: UInt64?) -> String { value.map { "\($0)" } ?? "unlimited" }
}

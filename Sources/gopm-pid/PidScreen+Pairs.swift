import GopmModel
import GopmProcfs
import GopmTerminal
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// The sections that are names and values.
extension PidScreen {
    var identityTable: Table {
        let identity = inspection.identity
        var rows: [(String, Table.Cell)] = []
        if identity.threadGroup != identity.pid {
            rows.append(("Thread of", Table.Cell("\(identity.threadGroup)")))
        }
        let command = identity.command.text
        let none = identity.isKernelThread ? "(a thread of the kernel)" : "(none)"
        rows.append(("Command", command.isEmpty ? Table.Cell(none, .dim) : Table.Cell(command)))
        // A kernel thread has no program, and a zombie none any more.
        if !identity.isKernelThread, identity.state != "Z" {
            rows.append(("Executable", executable))
            rows.append(("CWD", PidScreen.cell(identity.workingFolder) { $0 }))
            if identity.root.value != "/" { rows.append(("Root", PidScreen.cell(identity.root) { $0 })) }
        }
        let age = HumanFormat.uptimeInFull(.nanoseconds(identity.age))
        rows += [
            ("State", Table.Cell("\(identity.state) (\(identity.stateWord))", style(identity.state))),
            ("Started", Table.Cell("\(Timestamp(nanoseconds: identity.startedAt).readable) (\(age) ago)")),
            ("User", Table.Cell("\(accounts.user(identity.uid)) (\(identity.uid))")),
            ("Group", Table.Cell("\(accounts.group(identity.gid)) (\(identity.gid))")),
            ("Parent", Table.Cell("\(identity.parent)")),
            ("Session", Table.Cell("\(identity.session)")),
            ("Terminal", Table.Cell(identity.terminal.isEmpty ? "-" : identity.terminal)),
            ("Nice", Table.Cell("\(identity.nice)")),
            ("Threads", Table.Cell("\(identity.threads)")),
        ]
        if identity.namespacePIDs.count > 1 {
            let inner = identity.namespacePIDs.dropFirst().map(String.init).joined(separator: ", ")
            rows.append(("Inner PID", Table.Cell("\(inner) (in its own PID namespace)")))
        }
        return PidScreen.pairs("Identity", rows)
    }

    private var executable: Table.Cell {
        let identity = inspection.identity
        guard identity.isExeDeleted, let path = identity.exe.value else { return PidScreen.cell(identity.exe) { $0 } }
        return Table.Cell("\(path) (deleted or replaced since)", .yellow)
    }

    private func style(_ state: Character) -> Style? {
        switch state {
        case "Z", "X": .red
        case "T", "t", "D": .yellow
        case "R": .green
        default: nil
        }
    }

    func table(_ resources: ProcessResources) -> Table {
        func bytes(_ value: UInt64?) -> String { value.map { HumanFormat.bytes($0) } ?? "-" }
        func seconds(_ value: Double) -> String { "\((value * 100).rounded() / 100)s" }
        // People ask what it does now, which is a difference over some time; scripts would wait for nothing.
        let now = ProcessResources.cpuNow(inspection.folder) { usleep(200_000) }
        let average = HumanFormat.percent(resources.cpuPercent)
        let nowText = now.map { "\(HumanFormat.percent($0)) now, " } ?? ""
        let open = PidScreen.cell(resources.openFiles) { count in
            let limit = resources.openFilesLimit
            return "\(count) open, at most \(PidScreen.limit(limit?.soft)) (hard limit \(PidScreen.limit(limit?.hard)))"
        }
        return PidScreen.pairs(
            "Resources",
            [
                ("CPU", Table.Cell("\(nowText)\(average) of its life")),
                ("CPU time", Table.Cell("\(seconds(resources.cpuUser)) user, \(seconds(resources.cpuSystem)) system")),
                (
                    "Memory",
                    Table.Cell("\(bytes(resources.resident)) resident, \(bytes(resources.residentPeak)) at most")
                ),
                ("PSS", PidScreen.cell(resources.proportional) { bytes($0) }),
                ("Shared", Table.Cell(bytes(resources.shared))),
                ("Swap", Table.Cell(bytes(resources.swap))),
                ("Virtual", Table.Cell("\(bytes(resources.virtual)), \(bytes(resources.peak)) at most")),
                (
                    "Storage",
                    PidScreen.cell(resources.io) { "\(bytes($0.read)) read, \(bytes($0.written)) written" }
                ),
                (
                    "I/O calls",
                    PidScreen.cell(resources.io) { "\(bytes($0.readCalls)) read, \(bytes($0.writtenCalls)) written" }
                ),
                (
                    "Switches",
                    Table.Cell("\(resources.voluntarySwitches) voluntary, \(resources.involuntarySwitches) involuntary")
                ),
                ("Descriptors", open),
            ]
        )
    }

    func table(_ program: ManagedProgram) -> Table {
        let (record, spec) = (program.record, program.record.spec)
        let isMain = record.pid == inspection.identity.pid
        return PidScreen.pairs(
            "GoPM Info",
            [
                ("Name", Table.Cell(spec.name)),
                ("ID", Table.Cell("\(record.id)")),
                ("Status", Table.Cell(record.state.status, record.state.status == "online" ? .green : .red)),
                ("Main PID", Table.Cell(isMain ? "\(record.pid) (this process)" : "\(record.pid)")),
                ("Restarts", Table.Cell("\(record.counters.restarts)")),
                ("Auto Restart", Table.Cell(spec.policy.mode.rawValue)),
                ("Stdout Log", Table.Cell(spec.logOut)),
                ("Stderr Log", Table.Cell(spec.logErr)),
            ]
        )
    }

    func table(_ security: SecurityProfile) -> Table {
        func set(_ mask: UInt64) -> Table.Cell { Table.Cell(Capabilities.summary(of: mask, known: security.known)) }
        let others = security.namespaces.filter { !$0.isOwn }.map(\.name)
        let namespaces =
            security.namespaces.isEmpty
            ? PidScreen.cell(.permissionDenied)
            : Table.Cell(others.isEmpty ? "all as this shell's" : "its own: " + others.joined(separator: ", "))
        return PidScreen.pairs(
            "Security",
            [
                ("Capabilities", set(security.effective)),
                ("Permitted", set(security.permitted)),
                ("Bounding", set(security.bounding)),
                ("Ambient", set(security.ambient)),
                ("No new privs", Table.Cell(security.hasNoNewPrivileges ? "yes" : "no")),
                ("Seccomp", Table.Cell(security.seccomp)),
                ("Label", Table.Cell(security.label ?? "-")),
                ("Namespaces", namespaces),
            ]
        )
    }
}

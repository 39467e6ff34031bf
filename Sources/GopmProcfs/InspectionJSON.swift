package import GopmJSON
import GopmModel
import GopmSystem
import SystemPackage

/// An inspection as JSON, with the keys that scripts know.
package struct InspectionJSON {
    private let inspection: ProcessInspection
    private let peers: Peers?
    private let accounts = AccountNames()

    /// `peers`: Who is at the other ends, if that was looked for.
    package init(_ inspection: ProcessInspection, peers: Peers? = nil) {
        self.inspection = inspection
        self.peers = peers
    }

    /// Writes the members of the given sections into an object that is open.
    package func write(_ sections: Set<ProcessInspection.Section>, into json: inout JSONWriter) {
        for section in ProcessInspection.Section.allCases where sections.contains(section) {
            switch section {
            case .identity: json.member("identity") { identity(&$0) }
            case .resources: json.member("resources") { resources(&$0) }
            case .limits: json.member("limits") { limits(&$0) }
            case .tree: tree(&json)
            case .fds: files(&json)
            case .sockets: sockets(&json)
            case .env: environment(&json)
            case .cgroup: cgroups(&json)
            case .security: json.member("security") { security(&$0) }
            }
        }
        let reasons = unreadable(sections)
        if !reasons.isEmpty {
            json.member("unreadable") { json in
                json.object { json in for (name, reason) in reasons { json.member(name, reason) } }
            }
        }
    }

    /// Parts that may not be read, and why.
    private func unreadable(_ sections: Set<ProcessInspection.Section>) -> [(String, String)] {
        var reasons: [(String, Errno?)] = []
        let identity = inspection.identity
        // A kernel thread has no program, and a zombie none any more: that is no secret.
        if sections.contains(.identity), !identity.isKernelThread, identity.state != "Z" {
            reasons += [
                ("exe", identity.exe.errno), ("cwd", identity.workingFolder.errno), ("root", identity.root.errno),
            ]
        }
        if let resources = inspection.resources, sections.contains(.resources) {
            reasons += [("pss_bytes", resources.proportional.errno), ("io", resources.io.errno)]
        }
        if sections.contains(.fds) { reasons.append(("fds", inspection.files?.errno)) }
        if sections.contains(.sockets) { reasons.append(("sockets", inspection.sockets?.errno)) }
        if sections.contains(.env) { reasons.append(("env", inspection.environment?.errno)) }
        if sections.contains(.cgroup) { reasons.append(("cgroup", inspection.cgroups?.errno)) }
        return reasons.compactMap { name, errno in errno.map { (name, $0.reasonUnreadable) } }
    }

    private func identity(_ json: inout JSONWriter) {
        let identity = inspection.identity
        json.object { json in
            json.member("pid", identity.pid)
            json.member("ppid", identity.parent)
            if identity.threadGroup != identity.pid { json.member("thread_of", identity.threadGroup) }
            json.member("name", identity.name)
            json.member("state", String(identity.state))
            json.member("state_human", identity.stateWord)
            json.member("cmdline", identity.command.text)
            json.member("args", identity.command.words)
            json.member("exe", identity.exe.value ?? "")
            json.member("exe_exists", identity.exe.value != nil && !identity.isExeDeleted)
            json.member("cwd", identity.workingFolder.value ?? "")
            json.member("root", identity.root.value ?? "")
            json.member("started_at", Timestamp(nanoseconds: identity.startedAt).rfc3339)
            json.member("started_ago", HumanFormat.uptimeInFull(.nanoseconds(identity.age)))
            json.member("uid", identity.uid)
            json.member("user", accounts.user(identity.uid))
            json.member("gid", identity.gid)
            json.member("group", accounts.group(identity.gid))
            json.member("session", identity.session)
            json.member("tty", identity.terminal)
            json.member("nice", identity.nice)
            json.member("threads", identity.threads)
            json.member("kernel_thread", identity.isKernelThread)
            if identity.namespacePIDs.count > 1 {
                json.member("namespace_pids") { json in
                    json.array { json in for pid in identity.namespacePIDs { json.integer(pid) } }
                }
            }
        }
    }

    private func resources(_ json: inout JSONWriter) {
        json.object { json in
            guard let resources = inspection.resources else { return }
            json.member("cpu_user_seconds", resources.cpuUser)
            json.member("cpu_system_seconds", resources.cpuSystem)
            json.member("cpu_percent", (resources.cpuPercent * 100).rounded() / 100)
            json.member("vm_peak_bytes", resources.peak ?? 0)
            json.member("vm_size_bytes", resources.virtual ?? 0)
            json.member("vm_rss_bytes", resources.resident ?? 0)
            json.member("vm_rss_peak_bytes", resources.residentPeak ?? 0)
            json.member("vm_swap_bytes", resources.swap ?? 0)
            json.member("shared_bytes", resources.shared ?? 0)
            if let proportional = resources.proportional.value { json.member("pss_bytes", proportional) }
            if let io = resources.io.value {
                json.member("io_read_bytes", io.read)
                json.member("io_write_bytes", io.written)
                json.member("io_read_calls_bytes", io.readCalls)
                json.member("io_write_calls_bytes", io.writtenCalls)
            }
            if let open = resources.openFiles.value { json.member("fds_open", open) }
            limit("fds_soft_limit", resources.openFilesLimit?.soft, &json)
            limit("fds_hard_limit", resources.openFilesLimit?.hard, &json)
            json.member("voluntary_ctxt_switches", resources.voluntarySwitches)
            json.member("involuntary_ctxt_switches", resources.involuntarySwitches)
        }
    }

    /// Unlimited is `null`.
    private func limit(_ key: String, _ value: UInt64?, _ json: inout JSONWriter) {
        json.key(key)
        if let value { json.integer(value) } else { json.null() }
    }

    private func limits(_ json: inout JSONWriter) {
        json.object { json in
            for limit in inspection.limits.limits {
                json.member(String(limit.name.map { $0 == " " ? "_" : $0 })) { json in
                    json.object { json in
                        self.limit("soft", limit.soft, &json)
                        self.limit("hard", limit.hard, &json)
                        json.member("unit", limit.unit)
                    }
                }
            }
        }
    }

    private func tree(_ json: inout JSONWriter) {
        json.member("tree") { json in
            json.array { json in
                for member in inspection.family?.members ?? [] {
                    json.object { json in
                        json.member("pid", member.pid)
                        json.member("ppid", member.parent)
                        json.member("exe", member.exe)
                        json.member("cmdline", member.command)
                        json.member("user", accounts.user(member.uid))
                        json.member("started_at", Timestamp(nanoseconds: member.startedAt).rfc3339)
                        json.member("started_ago", HumanFormat.uptimeInFull(.nanoseconds(member.age)))
                        json.member("relation", member.relation.rawValue)
                        json.member("depth", member.depth)
                    }
                }
            }
        }
        if let omitted = inspection.family?.omitted, omitted > 0 { json.member("tree_omitted", omitted) }
    }

    private func files(_ json: inout JSONWriter) {
        let sockets = (inspection.sockets?.value ?? []).map { ($0.descriptor, $0.socket) }
        let addresses = Dictionary(sockets) { first, _ in first }
        json.member("fds") { json in
            json.array { json in
                for file in inspection.files?.value ?? [] {
                    json.object { json in
                        json.member("fd", file.number)
                        json.member("type", file.kind.rawValue)
                        json.member("mode", file.mode)
                        json.member("target", file.target)
                        if let socket = addresses[file.number] {
                            json.member("proto", socket.proto)
                            if !socket.local.isEmpty { json.member("local", socket.local) }
                            if !socket.remote.isEmpty { json.member("remote", socket.remote) }
                        }
                        others(file.number, &json)
                    }
                }
            }
        }
    }

    private func sockets(_ json: inout JSONWriter) {
        json.member("sockets") { json in
            json.array { json in
                for open in inspection.sockets?.value ?? [] {
                    json.object { json in
                        json.member("fd", open.descriptor)
                        json.member("proto", open.socket.proto)
                        json.member("local", open.socket.local)
                        json.member("remote", open.socket.remote)
                        json.member("state", open.socket.state)
                        json.member("inode", open.socket.inode)
                        others(open.descriptor, &json)
                    }
                }
            }
        }
    }

    private func others(_ descriptor: Int32, _ json: inout JSONWriter) {
        guard let peers = peers?.byDescriptor[descriptor] else { return }
        json.member("peers") { json in
            json.array { json in
                for peer in peers {
                    json.object { json in
                        json.member("pid", peer.pid)
                        json.member("name", peer.name)
                        json.member("fd", peer.descriptor)
                    }
                }
            }
        }
    }

    private func environment(_ json: inout JSONWriter) {
        json.member("env") { json in
            json.object { json in
                for (name, value) in inspection.environment?.value ?? [] { json.member(name, value) }
            }
        }
    }

    private func cgroups(_ json: inout JSONWriter) {
        json.member("cgroup") { json in
            json.object { json in
                for (controllers, path) in inspection.cgroups?.value ?? [] { json.member(controllers, path) }
            }
        }
    }

    private func security(_ json: inout JSONWriter) {
        json.object { json in
            guard let security = inspection.security else { return }
            json.member("capabilities") { json in
                json.object { json in
                    json.member("effective", Capabilities.names(of: security.effective))
                    json.member("permitted", Capabilities.names(of: security.permitted))
                    json.member("inheritable", Capabilities.names(of: security.inheritable))
                    json.member("bounding", Capabilities.names(of: security.bounding))
                    json.member("ambient", Capabilities.names(of: security.ambient))
                }
            }
            json.member("no_new_privileges", security.hasNoNewPrivileges)
            json.member("seccomp", security.seccomp)
            json.member("label", security.label ?? "")
            json.member("namespaces") { json in
                json.object { json in
                    for namespace in security.namespaces {
                        json.member(namespace.name) { json in
                            json.object { json in
                                json.member("inode", namespace.inode)
                                json.member("own", namespace.isOwn)
                            }
                        }
                    }
                }
            }
        }
    }
}

import GopmJSON
import GopmModel
import GopmProcfs
import GopmSystem
import GopmWire
import SystemPackage

extension Toolbox {
    private static let sections = ["identity", "resources", "tree", "fds", "sockets", "env", "cgroup", "gopm"]

    var pid: Tool {
        Tool(
            name: "gopm_pid",
            title: "Inspect a process by PID",
            description: """
                Show what /proc tells of any process of this machine, of gopm or not: identity (who it is, command line, \
                since when), resources (CPU, memory, I/O, limits of files), tree (its parents up to the first process, and \
                what it started: "who started this?"), fds (open files), sockets, env (secrets masked), cgroup, and gopm \
                (the managed process that it belongs to). Ask only for the sections that are needed.
                """,
            group: .read,
            effects: .none,
            input: .arguments(
                .init("pid", .integer(1...Int(Int32.max)), "the process", isRequired: true),
                .init("sections", .array(of: .string(allowed: Toolbox.sections)), "default: all"),
                Argument.reveal
            ),
            output: .result(
                .init("identity", .map(of: .anything), "name, cmdline, exe, cwd, user, state, started_at, …"),
                .init("resources", .map(of: .anything), "cpu_percent, vm_rss_bytes, fds_open, …"),
                .init("tree", .array(of: .map(of: .anything)), "ancestors, itself, descendants"),
                .init("fds", .array(of: .map(of: .anything)), "fd, type, mode, target"),
                .init("sockets", .array(of: .map(of: .anything)), "proto, local, remote, state"),
                .init("env", .map(of: .string()), ""),
                .init("cgroup", .map(of: .string()), ""),
                .init("gopm", .map(of: .anything), "the managed process that it belongs to, if any"),
                .init("unreadable", .map(of: .string()), "parts that may not be read, and why")
            )
        ) { [daemon, policy] call async throws(ToolFailure) in
            let isRevealed = try policy.reveals(call)
            let pid = Int32(clamping: call.number("pid") ?? 0)
            let asked = call.arguments["sections"]?.arrayValue?.compactMap(\.stringValue) ?? []
            let wanted = Set(asked.isEmpty ? Toolbox.sections : asked)
            let managed = wanted.contains("gopm") ? try? await daemon.managedProcess(of: pid) : nil
            let sections = Set(wanted.compactMap { ProcessInspection.Section(rawValue: $0) })
            let result = await daemon.work.run { Toolbox.inspect(pid, sections, managed) }
            let value = try result.get()
            let shown = isRevealed ? value : SecretMask.masked(value)
            return ToolOutput(String(decoding: shown.encoded, as: UTF8.self), structured: shown.encoded)
        }
    }

    /// Entries of a list that are shown; a server may have ten thousand files open.
    private static let listLimit = 200

    private static func inspect(
        _ pid: Int32,
        _ sections: Set<ProcessInspection.Section>,
        _ managed: JSONValue?
    ) -> Result<JSONValue, ToolFailure> {
        do throws(Errno) {
            let inspection = try ProcessInspection(pid, sections: sections)
            var json = JSONWriter()
            json.object { json in
                InspectionJSON(inspection).write(sections, into: &json)
                if let managed { json.member("gopm", managed) }
            }
            guard let value = try? JSONValue.parse(json.bytes) else { throw .invalidArgument }
            return .success(shortened(value))
        } catch {
            let isGone = error == .noSuchFileOrDirectory || error == .noSuchProcess
            return .failure(
                ToolFailure(
                    isGone
                        ? "no process has the PID \(pid)" : "cannot look at process \(pid): \(error.reasonUnreadable)"
                )
            )
        }
    }

    /// Long lists in short, each with the number of what was left out beside it.
    private static func shortened(_ value: JSONValue) -> JSONValue {
        guard let object = value.objectValue else { return value }
        var members: [JSONObject.Member] = []
        for member in object.members {
            guard let list = member.value.arrayValue, list.count > listLimit else {
                members.append(member)
                continue
            }
            members.append(.init(key: member.key, value: .array(Array(list.prefix(listLimit)))))
            members.append(.init(key: "\(member.key)_omitted", value: .integer(Int64(list.count - listLimit))))
        }
        return .object(JSONObject(members))
    }
}

extension DaemonCalls {
    /// The managed process that a process belongs to; asked only of those that bear the mark of a program, so that no
    /// daemon is needed for the rest.
    fileprivate func managedProcess(of pid: Int32) async throws(ToolFailure) -> JSONValue? {
        guard LifeScan.belongsToProgram(pid) else { return nil }
        let process = SecretMask.masked(try await value(.describe) { $0.member("pid", pid) })
        let keys = ["id", "name", "status", "pid", "restarts", "command", "log_out", "log_err"]
        return .object(JSONObject(keys.compactMap { key in process[key].map { .init(key: key, value: $0) } }))
    }
}

package import GopmJSON

/// The text of `dump.pm2`, from which PM2 brings its processes back after a reboot.
///
/// What gopm runs may not stand in it as running: both would start it.
package struct PM2Dump: Sendable {
    package private(set) var elements: [JSONValue]

    /// `nil` if it is no list.
    package init?(parsing bytes: [UInt8]) {
        guard let list = try? JSONValue.parse(bytes).arrayValue else { return nil }
        elements = list
    }

    package init() {
        elements = []
    }

    /// The elements that are of one of these processes.
    package func elements(of processes: [PM2Process]) -> [JSONValue] {
        elements.filter { isElement($0, of: processes) }
    }

    /// Takes processes out.
    ///
    /// - Returns: Whether anything changed.
    package mutating func remove(_ processes: [PM2Process]) -> Bool {
        let before = elements.count
        elements = elements.filter { !isElement($0, of: processes) }
        return elements.count < before
    }

    /// Marks processes as stopped: PM2 lists them after a reboot and starts none.
    package mutating func markStopped(_ processes: [PM2Process]) -> Bool {
        var changed = false
        for index in elements.indices where isElement(elements[index], of: processes) {
            guard elements[index]["status"]?.stringValue != "stopped" else { continue }
            elements[index] = elements[index].with(status: "stopped")
            changed = true
        }
        return changed
    }

    /// Puts elements back, in the place of those that are of the same processes.
    package mutating func putBack(_ saved: [JSONValue]) -> Bool {
        guard !saved.isEmpty else { return false }
        let before = elements
        let processes = saved.compactMap { PM2Process($0, origin: .dump) }
        elements = elements.filter { !isElement($0, of: processes) } + saved
        return elements != before
    }

    /// In the layout that PM2 uses.
    package var text: [UInt8] {
        JSONFormatter.indented(JSONValue.array(elements).encoded)
    }

    private func isElement(_ element: JSONValue, of processes: [PM2Process]) -> Bool {
        guard let process = PM2Process(element, origin: .dump) else { return false }
        return processes.contains { $0.isSame(as: process) }
    }
}

extension PM2Process {
    /// The entry as PM2 itself would write it into its dump, to be brought back up or stopped.
    package func dumpElement(isUp: Bool) -> JSONValue {
        let runtime: Set = ["instances", "pm_id", "prev_restart_delay"]
        let members = fields.members.filter { !runtime.contains($0.key) }
        return JSONValue.object(JSONObject(members)).with(status: isUp ? "online" : "stopped")
    }
}

extension JSONValue {
    /// An object with another status.
    fileprivate func with(status: String) -> JSONValue {
        guard var object = objectValue else { return self }
        if let index = object.members.lastIndex(where: { $0.key == "status" }) {
            object.members[index].value = .string(status)
        } else {
            object.members.append(JSONObject.Member(key: "status", value: .string(status)))
        }
        return .object(object)
    }
}

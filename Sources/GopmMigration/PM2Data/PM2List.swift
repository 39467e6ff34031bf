package import GopmJSON

/// The processes in what PM2 writes.
package enum PM2List {
    /// Reads the output of `pm2 jlist`, whatever PM2, node or npm print before and after the list: update notices,
    /// warnings, `[PM2] …` lines, colours.
    ///
    /// - Returns: `nil` if there is no list in it.
    package static func parse(output bytes: [UInt8]) -> [PM2Process]? {
        var empty: [PM2Process]?
        var start = 0
        // Damaged text could make every bracket a start; what was looked at in vain is limited, not the size.
        var budget = 8 * bytes.count + 4096
        while budget > 0, let range = nextArray(in: bytes, from: start, budget: &budget) {
            start = range.lowerBound + 1
            guard let list = try? JSONValue.parse(bytes[range]).arrayValue else { continue }
            if list.isEmpty {
                empty = []
                start = range.upperBound
                continue
            }
            let processes = list.compactMap { PM2Process($0, origin: .live) }
            if processes.count == list.count { return processes }
        }
        return empty
    }

    /// Reads `dump.pm2`.
    package static func parse(dump bytes: [UInt8]) throws(JSONError) -> [PM2Process]? {
        try JSONValue.parse(bytes).arrayValue?.compactMap { PM2Process($0, origin: .dump) }
    }

    /// The next text from `[` to its `]` that could be a list of objects.
    private static func nextArray(in bytes: [UInt8], from: Int, budget: inout Int) -> Range<Int>? {
        var start = from
        while let open = bytes[start...].firstIndex(of: UInt8(ascii: "[")) {
            start = open + 1
            let next = bytes[start...].first { !isBlank($0) }
            guard next == UInt8(ascii: "{") || next == UInt8(ascii: "]") else { continue }
            let end = self.end(of: open, in: bytes)
            budget -= (end ?? bytes.count) - open
            guard budget > 0 else { return nil }
            if let end { return open..<end }
        }
        return nil
    }

    /// After the bracket that closes the one at `open`; brackets in strings don't count.
    private static func end(of open: Int, in bytes: [UInt8]) -> Int? {
        var depth = 0
        var isInString = false
        var index = open
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\\") where isInString: index += 1
            case UInt8(ascii: "\""): isInString.toggle()
            case UInt8(ascii: "["), UInt8(ascii: "{"): if !isInString { depth += 1 }
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                if !isInString { depth -= 1 }
                if depth == 0 { return index + 1 }
            default: break
            }
            index += 1
        }
        return nil
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || (9...13).contains(byte)
    }
}

extension PM2List {
    /// Puts the instances of a cluster together; every other process stays alone.
    static func grouped(_ processes: [PM2Process]) -> [[PM2Process]] {
        var groups: [[PM2Process]] = []
        for process in processes {
            let index = groups.firstIndex { group in
                process.isCluster && group[0].isCluster && group[0].name == process.name
                    && group[0].script == process.script
            }
            if let index { groups[index].append(process) } else { groups.append([process]) }
        }
        return groups.map { $0.count > 1 ? inOrderOfInstance($0) : $0 }
    }

    private static func inOrderOfInstance(_ group: [PM2Process]) -> [PM2Process] {
        group.enumerated().sorted { left, right in
            let (first, second) = (left.element.instance, right.element.instance)
            return first == second ? left.offset < right.offset : first < second
        }.map(\.element)
    }
}

extension PM2Process {
    /// Which instance of a cluster it is.
    fileprivate var instance: Int64 {
        let variable = setting("instance_var")?.stringValue ?? "NODE_APP_INSTANCE"
        return fields[variable]?.integerValue ?? 0
    }
}

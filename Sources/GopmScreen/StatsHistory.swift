package import GopmJSON

/// What the daemon remembers of processes: a sample a minute, at most eighteen hours.
package struct StatsHistory: Sendable {
    package struct Sample: Sendable, Hashable {
        /// Unix seconds.
        package var time: Int64
        package var cpuPercent: Double
        package var memory: Double
        package var restarts: Double
        /// Seconds.
        package var uptime: Double
        package var isOnline: Bool
    }

    package struct Process: Sendable {
        package var name: String
        /// Oldest first.
        package var samples: [Sample]
    }

    package var processes: [Process]

    /// Reads the answer to `stats` as it came; what is no JSON holds no process.
    package init(answer: [UInt8]) {
        self.init((try? JSONValue.parse(answer)) ?? .null)
    }

    /// Reads the answer to `stats`; what is no sample in it is passed over.
    package init(_ answer: JSONValue) {
        processes = (answer.objectValue?.members ?? []).map { member in
            let samples = (member.value.arrayValue ?? []).compactMap(Self.sample)
            return Process(name: member.key, samples: samples.sorted { $0.time < $1.time })
        }
    }

    private static func sample(_ value: JSONValue) -> Sample? {
        guard let time = value["ts"]?.integerValue, (0...(1 << 40)).contains(time) else { return nil }
        func number(_ key: String) -> Double { value[key]?.doubleValue ?? 0 }
        return Sample(
            time: time,
            cpuPercent: number("cpu"),
            memory: number("mem"),
            restarts: number("restarts"),
            uptime: number("uptime"),
            isOnline: value["status"]?.stringValue == "online"
        )
    }

    package var firstTime: Int64? { processes.compactMap(\.samples.first?.time).min() }
}

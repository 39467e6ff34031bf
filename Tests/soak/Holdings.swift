import Glibc
import GopmTestSupport

/// What a process holds.
struct Holdings {
    var privateKiB = 0
    var residentKiB = 0
    var threads = 0
    var descriptors: [String: Int] = [:]

    init(of pid: pid_t) {
        privateKiB = ProcessTable.statusNumber("RssAnon", of: pid) ?? 0
        residentKiB = ProcessTable.statusNumber("VmRSS", of: pid) ?? 0
        threads = ProcessTable.statusNumber("Threads", of: pid) ?? 0
        descriptors = ProcessTable.descriptors(of: pid)
    }

    var descriptorCount: Int { descriptors.values.reduce(0, +) }

    var text: String {
        "\(privateKiB) KiB of its own, \(residentKiB) KiB resident, \(threads) threads, \(descriptorCount) descriptors"
    }
}

/// What a program held over a long time: the first tenth beside the last one.
struct Trend {
    private var looks: [Holdings] = []

    /// KiB by which memory may differ: the heap's holes are not always the same.
    private static let mostGrowth = 1024
    /// By which their number may differ: connections come and go.
    private let mostDescriptors: Int

    init(mostDescriptors: Int = 3) {
        self.mostDescriptors = mostDescriptors
    }

    mutating func look(at pid: pid_t) {
        let now = Holdings(of: pid)
        if now.threads > 0 { looks.append(now) }
    }

    private func middles(_ number: (Holdings) -> Int) -> (first: Int, last: Int) {
        // What is bought once, with the first screens and the first reconnections, is no growth.
        let looks = looks.dropFirst(3)
        let tenth = max(looks.count / 10, 1)
        func middle(_ part: ArraySlice<Holdings>) -> Int { part.map(number).sorted()[part.count / 2] }
        return looks.isEmpty ? (0, 0) : (middle(looks.prefix(tenth)), middle(looks.suffix(tenth)))
    }

    var text: String {
        let values: [(String, (Holdings) -> Int)] = [
            ("KiB of its own", { $0.privateKiB }), ("descriptors", { $0.descriptorCount }), ("threads", { $0.threads }),
        ]
        return values.map { name, number in
            let (first, last) = middles(number)
            return "\(first) → \(last) \(name)"
        }.joined(separator: ", ")
    }

    /// `nil` if the last tenth is as the first.
    var fault: String? {
        guard looks.count > 3 else { return "only \(looks.count) looks" }
        let (memory, descriptors) = (middles(\.privateKiB), middles(\.descriptorCount))
        let threads = middles(\.threads)
        let isFlat =
            memory.last <= memory.first + Self.mostGrowth && threads.last <= threads.first
            && descriptors.last <= descriptors.first + mostDescriptors
        return isFlat ? nil : "grows: \(text)"
    }
}

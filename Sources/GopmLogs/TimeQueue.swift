/// Which of several sources comes next by time: a binary heap of at most one entry each.
///
/// Equal times go by the number of the source, so that a merge from the end and one from the start agree.
struct TimeQueue {
    struct Entry: Comparable {
        /// Milliseconds since the epoch.
        let time: Int64
        let source: Int

        static func < (one: Entry, other: Entry) -> Bool {
            (one.time, one.source) < (other.time, other.source)
        }
    }

    enum Order {
        case oldestFirst
        case newestFirst
    }

    private let order: Order
    private var heap: [Entry] = []

    init(_ order: Order) {
        self.order = order
    }

    /// The entry whose turn it is.
    var first: Entry? { heap.first }

    mutating func insert(_ entry: Entry) {
        heap.append(entry)
        var index = heap.count - 1
        while index > 0, precedes(heap[index], heap[(index - 1) / 2]) {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    /// Puts `entry` in the place of the first one, or takes that out when there is none.
    mutating func replaceFirst(with entry: Entry?) {
        guard !heap.isEmpty else { return }
        if let entry {
            heap[0] = entry
        } else {
            heap.swapAt(0, heap.count - 1)
            heap.removeLast()
        }
        siftDown()
    }

    private mutating func siftDown() {
        var index = 0
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < heap.count {
                if precedes(heap[child], heap[least]) { least = child }
            }
            if least == index { return }
            heap.swapAt(index, least)
            index = least
        }
    }

    private func precedes(_ one: Entry, _ other: Entry) -> Bool {
        order == .oldestFirst ? one < other : other < one
    }
}

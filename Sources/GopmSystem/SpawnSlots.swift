import CLinux
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Low descriptor numbers from which children take theirs, so that a spawn costs the same beside one program as beside
/// thousands.
///
/// A child that copies the supervisor's descriptors, and closes the copies at its exec, costs 0.06 µs for each of them:
/// with 2,000 programs half a millisecond of each spawn. So it begins with the supervisor's own table and parts with it,
/// taking along only what has a low number, and closes there what is others'. What it takes stays in its place here until
/// then.
package final class SpawnSlots {
    /// Descriptors of one spawn: standard input, output and error, two read ends, the report.
    private struct Place {
        let numbers: ClosedRange<Int32>
        /// Of the child that was last here and may not have parted.
        var memory: SpawnMemory?
    }

    /// Readable when children have parted; then ``reclaim()`` is due, as a report that is held here has no end.
    package let event: Int32
    private let placeholder: Int32
    private var places: [Place] = []
    private var next = 0
    private let end: Int32

    /// More children than these between clone and their first steps get a copy of the table.
    private static let placeCount = 16
    private static let numbersInPlace = 6

    /// To be made early, while low numbers are free.
    package init() throws(SystemError) {
        placeholder = open("/dev/null", O_RDONLY | O_CLOEXEC)
        event = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard placeholder >= 0, event >= 0 else { throw SystemError("make", "descriptors for spawning") }
        for _ in 0..<SpawnSlots.placeCount {
            guard let numbers = SpawnSlots.reserve(placeholder) else {
                // Past the limit fcntl(2) says EINVAL.
                throw SystemError("reserve", "descriptors for spawning (see ulimit -n)", .tooManyOpenFiles)
            }
            places.append(Place(numbers: numbers))
        }
        end = places.reduce(event) { max($0, $1.numbers.upperBound) } + 1
    }

    /// Takes numbers in a row.
    private static func reserve(_ placeholder: Int32) -> ClosedRange<Int32>? {
        var (first, last) = (Int32(0), Int32(-1))
        while last - first + 1 < numbersInPlace {
            let number = fcntl(placeholder, F_DUPFD_CLOEXEC, max(last + 1, 3))
            guard number >= 0 else { return nil }
            if number != last + 1 {
                // One in between is taken.
                for other in first..<max(first, last + 1) { close(other) }
                first = number
            }
            last = number
        }
        return first...last
    }

    deinit {
        for number in places.flatMap(\.numbers) + [placeholder, event] { close(number) }
    }

    /// Empties the places of children that have parted.
    package func reclaim() {
        var count: eventfd_t = 0
        eventfd_read(event, &count)
        for index in places.indices where places[index].memory?.hasParted == true { empty(index) }
    }

    /// A free place, or `nil`.
    func take() -> Int? {
        let index = next
        if let memory = places[index].memory {
            guard memory.hasParted else { return nil }
            empty(index)
        }
        next = (index + 1) % places.count
        return index
    }

    /// The request with its descriptors in a place, if there is one.
    func placed(_ request: SpawnRequest, report: Int32, in place: Int?) -> SpawnRequest {
        var result = request
        result.report = report
        guard let place else { return result }
        let wanted = [
            request.standard.input, request.standard.output, request.standard.error,
            request.inheritedReadEnds.0, request.inheritedReadEnds.1, report,
        ]
        let own = places[place].numbers
        let numbers = zip(wanted, own).map { source, number in source < 0 ? -1 : gopm_replace(number, source) }
        result.standard = (numbers[0], numbers[1], numbers[2])
        result.inheritedReadEnds = (numbers[3], numbers[4])
        result.report = numbers[5]
        result.parting = (end, event, own)
        return result
    }

    /// The child that was made with it may not have parted.
    func lend(_ place: Int?, to memory: SpawnMemory) {
        guard let place else { return }
        places[place].memory = memory
        if memory.hasParted { empty(place) }
    }

    /// There is no child.
    func giveBack(_ place: Int?) {
        if let place { empty(place) }
    }

    /// The numbers stay taken.
    private func empty(_ place: Int) {
        for number in places[place].numbers { gopm_replace(number, placeholder) }
        places[place].memory = nil
    }
}

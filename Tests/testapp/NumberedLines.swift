import Glibc

/// Lines of one size that begin with their number, `0000000042 xxxxx…`.
///
/// A reader can tell lost, repeated and torn ones. Numbers begin at 0.
struct NumberedLines {
    struct Settings: Sendable {
        /// In bytes, with the newline.
        var lineSize = 100
        /// Nil: as fast as the reader takes them.
        var linesPerSecond: Int?
    }

    /// Digits of a number.
    static let digits = 10

    private let settings: Settings

    init(_ settings: Settings) {
        self.settings = settings
    }

    /// One `write(2)` a line.
    func write(count: Int) {
        var line = template(lines: 1)
        var pace = Pace()
        for number in 0..<count {
            line.withUnsafeMutableBytes {
                Self.put(number, in: $0)
                Output.standard.write(UnsafeRawBufferPointer($0))
            }
            if let rate = settings.linesPerSecond { pace.wait(.nanoseconds(1_000_000_000 / rate)) }
        }
    }

    /// Many lines a `write(2)`: exactly `bytes` bytes, or without end if nil.
    ///
    /// The last line is short where `bytes` is no multiple of the line size, and ends in a newline nevertheless.
    func flood(bytes: Int?) {
        // A power of ten of lines: their low digits are the same in every block, and the high ones the same for all.
        let size = settings.lineSize
        let (linesInBlock, lowDigits) = size <= 1_000 ? (1_000, 3) : size <= 10_000 ? (100, 2) : (1, 0)
        var block = template(lines: linesInBlock)
        block.withUnsafeMutableBytes { block in
            for line in 0..<linesInBlock { Self.put(line, in: .init(rebasing: block[(line * size)...])) }
            var left = bytes ?? .max
            var number = 0
            while left > 0 {
                Self.put(number, in: block)
                guard let first = block.baseAddress else { return }
                for line in 1..<linesInBlock { memcpy(first + line * size, first, Self.digits - lowDigits) }
                let part = min(left, block.count)
                if part == left { block[part - 1] = UInt8(ascii: "\n") }
                Output.standard.write(UnsafeRawBufferPointer(rebasing: block[..<part]))
                left -= part
                number += linesInBlock
            }
        }
    }

    private func template(lines: Int) -> [UInt8] {
        var line = [UInt8](repeating: UInt8(ascii: "x"), count: settings.lineSize)
        if settings.lineSize > Self.digits + 1 { line[Self.digits] = UInt8(ascii: " ") }
        line[settings.lineSize - 1] = UInt8(ascii: "\n")
        return [UInt8](repeatElement(line, count: lines).joined())
    }

    private static func put(_ number: Int, in line: UnsafeMutableRawBufferPointer) {
        var rest = number
        for position in stride(from: digits - 1, through: 0, by: -1) {
            line[position] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
    }
}

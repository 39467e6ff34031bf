/// Where in a line a log file ends, which decides what the program's next byte needs in front of it.
package enum LinePosition: Hashable, Sendable {
    /// After a newline, or in an empty file: a stamp comes first.
    case start
    /// Inside a line of the program, of which this file holds that many bytes, stamp included: nothing comes first.
    /// 0 means that the line began in the file before.
    case inside(Int)
    /// Inside a line that is not the program's to go on with: a newline comes first, then a stamp.
    case foreign

    /// The position when the same output goes on in another, empty file.
    package var inEmptyFile: LinePosition {
        if case .inside = self { .inside(0) } else { .start }
    }

    /// The position when the same output goes on in another file, of which only size and last byte are known.
    package func inFile(ofSize size: Int, endsInNewline: () -> Bool) -> LinePosition {
        if size == 0 { inEmptyFile } else { endsInNewline() ? .start : .foreign }
    }

    /// One number for the record; a record full of zeros says `.start`.
    package var code: Int64 {
        switch self {
        case .start: 0
        case .inside(let length): Int64(length) + 1
        case .foreign: -1
        }
    }

    package init(code: Int64) {
        switch code {
        case 0: self = .start
        case 1...: self = .inside(Int(code - 1))
        default: self = .foreign
        }
    }
}

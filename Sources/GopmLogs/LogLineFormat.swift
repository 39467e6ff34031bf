package import GopmTerminal

/// How merged lines look: `2026-04-14T13:25:59.595-04:00 api [OUT] api ready`.
///
/// Behind the stamp comes what tells the lines apart, and nothing more: the process's name when there are several, in a
/// column and a colour of its own; `[OUT]` in green or `[ERR]` in red when both streams are shown. A line without a stamp
/// begins with them. The text of a line passes a ``LogLineSanitizer``; `[gopm]` lines are lines like others.
package struct LogLineFormat {
    package enum Stream: Sendable, Hashable {
        case standardOutput
        case standardError

        fileprivate var tag: (text: String, style: Style) {
            switch self {
            case .standardOutput: ("[OUT]", .green)
            case .standardError: ("[ERR]", .red)
            }
        }
    }

    /// What one log is.
    package struct Label: Sendable, Hashable {
        package let process: String
        /// Nil for a log that is neither (daemon.log).
        package let stream: Stream?

        package init(process: String, stream: Stream?) {
            self.process = process
            self.stream = stream
        }
    }

    /// Names take these in turn.
    ///
    /// Red and green belong to the streams.
    private static let nameStyles = [
        Style.Colour.cyan, .yellow, .magenta, .blue, .brightCyan, .brightYellow, .brightMagenta,
    ]
    .map { Style($0) }

    /// What is put behind the stamp, for each log.
    private var marks: [[UInt8]] = []
    private var names: [String] = []
    private let nameWidth: Int
    private let showsNames: Bool
    private let tagsStreams: Bool
    private let colour: Bool
    private let destination: LogLineSanitizer.Destination
    private var sanitizer: LogLineSanitizer
    private var owesNewline = false

    /// A format for logs that are labelled in the order of their numbers.
    ///
    /// `colour` is for the marks; what becomes of colours in the lines is up to the destination. `expectingMore`: both
    /// streams of other processes may come by ``add(_:)``, so names and tags are shown also while there is one.
    package init(
        _ labels: [Label],
        for destination: LogLineSanitizer.Destination,
        colour: Bool,
        expectingMore: Bool = false
    ) {
        self.destination = destination
        self.colour = colour
        sanitizer = LogLineSanitizer(destination)
        let all = Set(labels.map(\.process))
        showsNames = all.count > 1 || expectingMore
        nameWidth = all.reduce(0) { max($0, DisplayText.sanitized($1).displayWidth) }
        tagsStreams = Set(labels.map(\.stream)).count > 1 || expectingMore
        for label in labels { add(label) }
    }

    /// The label of one log more.
    package mutating func add(_ label: Label) {
        var mark = ""
        if showsNames {
            if !names.contains(label.process) { names.append(label.process) }
            let style = Self.nameStyles[(names.firstIndex(of: label.process) ?? 0) % Self.nameStyles.count]
            let name = DisplayText.sanitized(label.process).padded(toWidth: nameWidth)
            mark += style.applied(to: name, colour: colour) + " "
        }
        if tagsStreams, let tag = label.stream?.tag {
            mark += tag.style.applied(to: tag.text, colour: colour) + " "
        }
        marks.append(Array(mark.utf8))
    }

    /// Appends a piece of log number `source`.
    ///
    /// The pieces of a line must follow each other.
    ///
    /// A newline that a line lacks is written only when another line follows, so that a file that ends without one
    /// comes out as it is.
    package mutating func append(_ piece: LogPiece, of source: Int, to output: inout [UInt8]) {
        var text = piece.bytes
        if piece.startsLine {
            if owesNewline { output.append(0x0a) }
            if let stamp = piece.stamp {
                output.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[..<stamp.byteCount]))
                text = UnsafeRawBufferPointer(rebasing: text[stamp.byteCount...])
            }
            output.append(contentsOf: marks[source])
        }
        sanitizer.append(text, endsLine: piece.end != .continues, to: &output)
        if piece.end == .newline { output.append(0x0a) }
        owesNewline = piece.end == .withoutNewline
    }

    /// Ends the output: on a terminal the prompt gets a line of its own.
    package mutating func finish(to output: inout [UInt8]) {
        if owesNewline, destination != .plain { output.append(0x0a) }
        owesNewline = false
    }
}

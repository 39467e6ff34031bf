package import ArgumentParser
package import GopmModel

/// Reads the values of flags; a refusal has the words that ``FieldReader`` has for the same value in a file.
package enum FlagValue {
    package static func duration(_ text: String) throws -> Duration {
        guard let duration = DurationText.parse(text) else { throw refusal(text, DurationText.rule) }
        return duration
    }

    package static func logSize(_ text: String) throws -> Int64 {
        guard let size = ByteSize.parse(text), ByteSize.logSizeRange.contains(size) else {
            throw refusal(text, ByteSize.logSizeRule)
        }
        return size
    }

    package static func signal(_ text: String) throws -> Signal {
        guard let signal = Signal(text) else { throw refusal(text, Signal.rule) }
        return signal
    }

    package static func name(_ text: String) throws -> String {
        guard ProcessName.isValid(text) else { throw refusal(text, ProcessName.rule) }
        return text
    }

    package static func mode(_ text: String) throws -> RestartPolicy.Mode {
        guard let mode = RestartPolicy.Mode(rawValue: text) else { throw refusal(text, RestartPolicy.Mode.rule) }
        return mode
    }

    /// Exit codes, separated by commas.
    package static func exitCodes(_ text: String) throws -> [Int] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            guard let code = Int(part), (0...255).contains(code) else {
                throw refusal(text, "allowed (exit codes from 0 to 255, separated by commas)")
            }
            return code
        }
    }

    /// A path or another text that means something only if there is some.
    package static func text(_ text: String) throws -> String {
        guard !text.isEmpty else { throw ValidationError("cannot be empty") }
        return text
    }

    package static func whole(_ range: ClosedRange<Int>) -> @Sendable (String) throws -> Int {
        { text in
            guard let number = Int(text), range.contains(number) else {
                throw refusal(text, "allowed (a whole number from \(range.lowerBound) to \(range.upperBound))")
            }
            return number
        }
    }

    /// `rule`: How the sentence goes on after "is not".
    package static func refusal(_ text: String, _ rule: String) -> ValidationError {
        ValidationError("\"\(text)\" is not \(rule)")
    }
}

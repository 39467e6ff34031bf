/// Reads log files as gopmd writes them.
package enum LogText {
    package static func lines(of path: String) -> [String] {
        TestFiles.text(path).split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
    }

    /// The stamp and the rest of a line that begins like `2026-04-14T13:25:59.595-04:00 `; `nil` for any other.
    package static func split(_ line: String) -> (stamp: String, text: String)? {
        let pattern = "dddd-dd-ddTdd:dd:dd.ddd±dd:dd "
        guard line.utf8.count >= pattern.utf8.count else { return nil }
        for (byte, expected) in zip(line.utf8, pattern) {
            let letter = Character(UnicodeScalar(byte))
            switch expected {
            case "d": guard letter.isNumber else { return nil }
            case "±": guard letter == "+" || letter == "-" else { return nil }
            default: guard letter == expected else { return nil }
            }
        }
        return (String(line.prefix(29)), String(line.dropFirst(30)))
    }

    /// What is wrong with the numbered lines of testapp in files that follow each other; `nil` if every number from 0 to
    /// the count is there once, in order, in a line of its own with a stamp.
    package static func fault(ofNumberedLines count: Int, in paths: [String]) -> String? {
        var next = 0
        for path in paths {
            guard let bytes = TestFiles.read(path) else { return "\(path) is missing" }
            if bytes.last != 10 { return "\(path) does not end with a line end" }
            for line in bytes.split(separator: 10) {
                // 29 bytes of stamp, a space, ten digits.
                guard line.count >= 40 else { return "\(path): a short line before number \(next)" }
                var number = 0
                for byte in line.dropFirst(30).prefix(10) {
                    guard (48...57).contains(byte) else { return "\(path): no number where \(next) should be" }
                    number = number * 10 + Int(byte) - 48
                }
                guard number == next else { return "\(path): \(number) where \(next) should be" }
                next += 1
            }
        }
        return next == count ? nil : "\(next) lines instead of \(count)"
    }

    /// A log and its rotated files, oldest first.
    package static func files(of log: String, most: Int = 1000) -> [String] {
        (1...most).reversed().map { "\(log).\($0)" }.filter(TestFiles.exists) + [log]
    }
}

extension LogText {
    /// The time of day in a stamp, in milliseconds.
    package static func milliseconds(_ stamp: String) -> Int {
        let parts = stamp.dropFirst(11).prefix(12).split(whereSeparator: { $0 == ":" || $0 == "." }).compactMap {
            Int($0)
        }
        return parts.count == 4 ? ((parts[0] * 60 + parts[1]) * 60 + parts[2]) * 1000 + parts[3] : 0
    }
}

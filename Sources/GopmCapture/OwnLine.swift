import SystemPackage

/// Lines that gopm itself puts into a log.
enum OwnLine {
    /// Bytes of text that are kept.
    private static let longest = 4096

    /// `[gopm] text` and a newline.
    ///
    /// Control characters are written as `\n`, `\t` or `\u{1b}`, because people read logs on terminals and part of the
    /// text may come from outside.
    static func bytes(_ text: String) -> [UInt8] {
        var line = Array("[gopm] ".utf8)
        for scalar in text.unicodeScalars {
            guard line.count < longest else { break }
            switch scalar.value {
            case 0x0a: line += "\\n".utf8
            case 0x0d: line += "\\r".utf8
            case 0x09: line += "\\t".utf8
            case 0..<0x20, 0x7f..<0xa0: line += "\\u{\(String(scalar.value, radix: 16))}".utf8
            default: line += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
            }
        }
        line.append(UInt8(ascii: "\n"))
        return line
    }

    static func lost(_ bytes: Int, errno: Int32) -> [UInt8] {
        self.bytes("\(bytes) bytes lost (\(reason(errno)))")
    }

    /// In people's words where the system's are hard to understand.
    static func reason(_ errno: Int32) -> String {
        switch Errno(rawValue: errno) {
        case .noSpace: "disk full"
        case .diskQuotaExceeded: "disk quota exceeded"
        case .fileTooLarge: "file size limit reached"
        case .ioError: "disk error"
        case .readOnlyFileSystem: "disk is read-only"
        case .noSuchFileOrDirectory: "folder is missing"
        case .resourceTemporarilyUnavailable, .brokenPipe, .noSuchAddressOrDevice: "reader is missing or too slow"
        case let other: other.description
        }
    }
}

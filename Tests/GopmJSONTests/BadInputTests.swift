import GopmJSON
import Testing

/// A text that must be refused, and exactly how.
struct BadInput: Sendable, CustomTestStringConvertible {
    let bytes: [UInt8]
    let code: JSONError.Code
    let offset: Int
    let message: String

    init(_ text: String, _ code: JSONError.Code, at offset: Int, _ message: String) {
        self.init(bytes: Array(text.utf8), code, at: offset, message)
    }

    init(bytes: [UInt8], _ code: JSONError.Code, at offset: Int, _ message: String) {
        (self.bytes, self.code, self.offset, self.message) = (bytes, code, offset, message)
    }

    var testDescription: String { text(bytes).debugDescription }
}

@Suite struct BadInputTests {
    @Test(arguments: structure + strings + numbers)
    func isRefusedWithPlaceAndReason(input: BadInput) {
        let error = fault(in: input.bytes)
        #expect(error?.code == input.code)
        #expect(error?.offset == input.offset)
        #expect(error?.message == input.message)
    }

    static let structure: [BadInput] = [
        BadInput("", .unexpectedEnd, at: 0, "line 1, column 1: expected a value, found the end of the text"),
        BadInput(" \n\t ", .unexpectedEnd, at: 4, "line 2, column 3: expected a value, found the end of the text"),
        BadInput(
            "{",
            .unexpectedEnd,
            at: 1,
            "line 1, column 2: expected a key in double quotes, found the end of the text"
        ),
        BadInput("[", .unexpectedEnd, at: 1, "line 1, column 2: expected a value, found the end of the text"),
        BadInput(
            "[1",
            .unexpectedEnd,
            at: 2,
            "line 1, column 3: expected ',' or ']' after an element, found the end of the text"
        ),
        BadInput(
            "{\n  \"a\": 1,\n  \"b\": \"é\" x\n}",
            .unexpectedCharacter,
            at: 24,
            "line 3, column 12: expected ',' or '}' after a member, found 'x'"
        ),
        BadInput(
            "[1 2]",
            .unexpectedCharacter,
            at: 3,
            "line 1, column 4: expected ',' or ']' after an element, found '2'"
        ),
        BadInput(
            "[1}",
            .unexpectedCharacter,
            at: 2,
            "line 1, column 3: expected ',' or ']' after an element, found '}'"
        ),
        BadInput("]", .unexpectedCharacter, at: 0, "line 1, column 1: expected a value, found ']'"),
        BadInput("[,1]", .unexpectedCharacter, at: 1, "line 1, column 2: expected a value, found ','"),
        BadInput("[1,]", .unexpectedCharacter, at: 2, "line 1, column 3: no ',' may stand before ']'"),
        BadInput("{\"a\":1,\n}", .unexpectedCharacter, at: 6, "line 1, column 7: no ',' may stand before '}'"),
        BadInput("{a:1}", .unexpectedCharacter, at: 1, "line 1, column 2: expected a key in double quotes, found 'a'"),
        BadInput(
            "{Name:1}",
            .unexpectedCharacter,
            at: 1,
            "line 1, column 2: expected a key in double quotes, found 'N'"
        ),
        BadInput("{\"a\" 1}", .unexpectedCharacter, at: 5, "line 1, column 6: expected ':' after a key, found '1'"),
        BadInput("{\"a\":}", .unexpectedCharacter, at: 5, "line 1, column 6: expected a value, found '}'"),
        BadInput(
            "{'a':1}",
            .unexpectedCharacter,
            at: 1,
            "line 1, column 2: expected a key in double quotes, found a single quote (JSON has double quotes only)"
        ),
        BadInput(
            "[1] // note",
            .trailingText,
            at: 4,
            "line 1, column 5: expected nothing after the value, found '/' (JSON has no comments)"
        ),
        BadInput("1\n2", .trailingText, at: 2, "line 2, column 1: expected nothing after the value, found '2'"),
        BadInput("nul", .unexpectedEnd, at: 3, "line 1, column 4: expected 'null', found the end of the text"),
        BadInput("[trUe]", .unexpectedCharacter, at: 3, "line 1, column 4: expected 'true', found 'U'"),
        BadInput("True", .unexpectedCharacter, at: 0, "line 1, column 1: expected a value, found 'T'"),
        BadInput("nullx", .trailingText, at: 4, "line 1, column 5: expected nothing after the value, found 'x'"),
        BadInput("[é]", .unexpectedCharacter, at: 1, "line 1, column 2: expected a value, found 'é'"),
        BadInput("[\u{A0}]", .unexpectedCharacter, at: 1, "line 1, column 2: expected a value, found character U+00A0"),
        BadInput(
            "[\u{202E}]",
            .unexpectedCharacter,
            at: 1,
            "line 1, column 2: expected a value, found character U+202E"
        ),
        BadInput("[\u{0}]", .unexpectedCharacter, at: 1, "line 1, column 2: expected a value, found character U+0000"),
        BadInput("\u{0}", .unexpectedCharacter, at: 0, "line 1, column 1: expected a value, found character U+0000"),
        BadInput("[\u{B}1]", .unexpectedCharacter, at: 1, "line 1, column 2: expected a value, found character U+000B"),
        BadInput(
            bytes: [0x5B, 0xFF],
            .unexpectedCharacter,
            at: 1,
            "line 1, column 2: expected a value, found byte 0xFF"
        ),
        BadInput(
            "\u{FEFF}{}",
            .byteOrderMark,
            at: 0,
            "line 1, column 1: the text starts with a byte order mark; save it as UTF-8 without BOM"
        ),
        BadInput(
            bytes: [0xFF, 0xFE, 0x7B, 0],
            .byteOrderMark,
            at: 0,
            "line 1, column 1: the text is UTF-16; save it as UTF-8 without BOM"
        ),
    ]

    static let strings: [BadInput] =
        [
            BadInput("[\"abc", .unexpectedEnd, at: 1, "line 1, column 2: this string has no end"),
            BadInput("\"", .unexpectedEnd, at: 0, "line 1, column 1: this string has no end"),
            BadInput("\"a\\", .unexpectedEnd, at: 0, "line 1, column 1: this string has no end"),
            BadInput("\"a\\\"", .unexpectedEnd, at: 0, "line 1, column 1: this string has no end"),
            BadInput(
                "[\"two\nlines\"]",
                .controlCharacter,
                at: 5,
                "line 1, column 6: a string ends with its line; write \\n for a line end"
            ),
            BadInput(
                "\"a\tb\"",
                .controlCharacter,
                at: 2,
                "line 1, column 3: a control character in a string; write \\u0009"
            ),
            BadInput(
                "\"\u{1F}\"",
                .controlCharacter,
                at: 1,
                "line 1, column 2: a control character in a string; write \\u001F"
            ),
            BadInput(
                #""C:\dir""#,
                .invalidEscape,
                at: 3,
                #"line 1, column 4: expected one of "\/bfnrtu after a backslash, found 'd'"#
            ),
            BadInput(
                #""\u12G4""#,
                .invalidEscape,
                at: 1,
                #"line 1, column 2: expected four hexadecimal digits after \u"#
            ),
            BadInput(
                #""\u12""#,
                .invalidEscape,
                at: 1,
                #"line 1, column 2: expected four hexadecimal digits after \u"#
            ),
            BadInput(
                #""\ud83cx""#,
                .loneSurrogate,
                at: 1,
                #"line 1, column 2: \uD83C is one half of a surrogate pair, the other half is missing"#
            ),
            BadInput(
                #""\ud83c\u0041""#,
                .loneSurrogate,
                at: 1,
                #"line 1, column 2: \uD83C is one half of a surrogate pair, the other half is missing"#
            ),
            BadInput(
                #""é\udf89""#,
                .loneSurrogate,
                at: 3,
                #"line 1, column 3: \uDF89 is one half of a surrogate pair, the other half is missing"#
            ),
        ]
        + notUTF8.map { bytes in
            let lead = bytes[0]
            let byte = String(lead, radix: 16, uppercase: true)
            return BadInput(
                bytes: [0x22, 0x61] + bytes + [0x22],
                .invalidUTF8,
                at: 2,
                "line 1, column 3: byte 0x\(byte) in a string is not valid UTF-8"
            )
        }

    /// A lone continuation, overlong forms, surrogates, above U+10FFFF, cut short, and never-used bytes.
    static let notUTF8: [[UInt8]] = [
        [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xF0, 0x8F, 0xBF, 0xBF],
        [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80],
        [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x8E], [0xE2, 0x28, 0xA1], [0xE2, 0x82, 0x28], [0xFE], [0xFF],
    ]

    static let numbers: [BadInput] = [
        BadInput("-", .unexpectedEnd, at: 1, "line 1, column 2: expected a digit after '-', found the end of the text"),
        BadInput("-x", .invalidNumber, at: 1, "line 1, column 2: expected a digit after '-', found 'x'"),
        BadInput("[1.]", .invalidNumber, at: 3, "line 1, column 4: expected a digit after '.', found ']'"),
        BadInput("[1.e3]", .invalidNumber, at: 3, "line 1, column 4: expected a digit after '.', found 'e'"),
        BadInput(
            "[1e+]",
            .invalidNumber,
            at: 4,
            "line 1, column 5: expected a digit after the exponent sign 'e', found ']'"
        ),
        BadInput(
            "[01]",
            .invalidNumber,
            at: 1,
            "line 1, column 2: a number may not start with a zero before other digits"
        ),
        BadInput(
            "-00",
            .invalidNumber,
            at: 1,
            "line 1, column 2: a number may not start with a zero before other digits"
        ),
        BadInput("+1", .unexpectedCharacter, at: 0, "line 1, column 1: expected a value, found '+'"),
        BadInput(".5", .unexpectedCharacter, at: 0, "line 1, column 1: expected a value, found '.'"),
        BadInput("0x10", .trailingText, at: 1, "line 1, column 2: expected nothing after the value, found 'x'"),
        BadInput(
            "[NaN]",
            .unexpectedCharacter,
            at: 1,
            "line 1, column 2: expected a value, found 'N' (JSON has no NaN or Infinity)"
        ),
        BadInput(
            "-Infinity",
            .invalidNumber,
            at: 1,
            "line 1, column 2: expected a digit after '-', found 'I' (JSON has no NaN or Infinity)"
        ),
        BadInput("[1e400]", .numberOutOfRange, at: 1, "line 1, column 2: this number is too large for a double"),
        BadInput(
            "-1e99999999999999999999",
            .numberOutOfRange,
            at: 0,
            "line 1, column 1: this number is too large for a double"
        ),
        BadInput(
            String(repeating: "9", count: 400),
            .numberOutOfRange,
            at: 0,
            "line 1, column 1: this number is too large for a double"
        ),
    ]
}

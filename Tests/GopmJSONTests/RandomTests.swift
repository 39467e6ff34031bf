import GopmJSON
import SeededRandom
import Testing

@Suite struct RandomTests {
    @Test(arguments: seeds)
    func valuesComeBackFromTheirText(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let value = random.value()
            let encoded = value.encoded
            let decoded = try JSONValue.parse(encoded)
            #expect(decoded == value)
            #expect(decoded.encoded == encoded)
        }
    }

    @Test(arguments: seeds)
    func doublesComeBackToTheBit(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<1000 {
            let double = Double(bitPattern: random.next())
            guard double.isFinite else { continue }
            let decoded = try JSONValue.parse(JSONValue.double(double).encoded)
            #expect(decoded.doubleValue?.bitPattern == double.bitPattern)
        }
    }

    /// Leaving members out changes neither what is accepted nor what is kept.
    @Test(arguments: seeds)
    func aPartOfTheMembersIsWhatTheWholeHolds(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let list = JSONValue.array((0..<3).map { _ in random.object() }).encoded
            let document = Bool.random(using: &random) ? list : random.mutate(list)
            let part = try? JSONValue.parseObjects(document, keeping: ["c", "a"])
            let whole = (try? JSONValue.parse(document))?.arrayValue
            let objects = whole?.compactMap(\.objectValue)
            let expected = objects?.count == whole?.count ? objects : nil
            #expect(
                part == expected?.map { JSONObject($0.members.filter { ["a", "c"].contains($0.key) }) },
                "\(text(document).debugDescription)"
            )
        }
    }

    /// Nothing crashes, errors point into the text, and `parse` and `JSONSlices` agree on objects and their members.
    @Test(arguments: seeds)
    func mutatedDocumentsAreHandled(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<750 {
            let document = random.mutate(random.object().encoded)
            _ = JSONFormatter.indented(document)
            let slices = try? JSONSlices(document)
            do throws(JSONError) {
                let value = try JSONValue.parse(document)
                #expect((value.objectValue != nil) == (slices != nil), "\(text(document).debugDescription)")
                guard let object = value.objectValue, let slices else { continue }
                #expect(slices.members.map(\.key) == object.members.map(\.key))
                #expect(slices.members.map { try? JSONValue.parse(document[$0.range]) } == object.members.map(\.value))
            } catch {
                #expect(slices == nil, "\(text(document).debugDescription)")
                #expect(0...document.count ~= error.offset)
                #expect(error.line >= 1 && error.column >= 1)
                #expect(!error.message.utf8.contains { $0 < 0x20 || $0 == 0x7F })
            }
        }
    }
}

extension SeededGenerator {
    fileprivate mutating func object() -> JSONValue {
        ["a": value(depth: 2), "b": value(depth: 3), "c": value(depth: 4)]
    }

    /// The document with up to three bytes or fragments lost, added, changed or repeated.
    fileprivate mutating func mutate(_ document: [UInt8]) -> [UInt8] {
        var bytes = document
        for _ in 0..<Int.random(in: 1...3, using: &self) where !bytes.isEmpty {
            let place = Int.random(in: bytes.indices, using: &self)
            switch Int.random(in: 0..<6, using: &self) {
            case 0: bytes.remove(at: place)
            case 1: bytes[place] = UInt8.random(in: .min ... .max, using: &self)
            case 2: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
            case 3: bytes.insert(contentsOf: pick(Self.fragments), at: place)
            case 4: bytes.insert(contentsOf: bytes[place...].prefix(20), at: 0)
            default: bytes.removeSubrange(place...)
            }
        }
        return bytes
    }

    private static let fragments: [[UInt8]] =
        [
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "0", "-", ".", "e", "true", " ", "\n", "null,",
            "1e999",
        ]
        .map { Array($0.utf8) } + [[0xC3], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xEF, 0xBB, 0xBF], [0xFF]]
}

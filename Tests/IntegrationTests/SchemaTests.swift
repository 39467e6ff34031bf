import GopmJSON
import GopmTestSupport
import Testing

/// The JSON Schemas, the parsers and the README say the same of ecosystem files and of the config.
@Suite(.daemonLog)
struct SchemaTests {
    private let ecosystem: JSONValue
    private let config: JSONValue

    init() throws {
        func schema(_ name: String) throws -> JSONValue {
            let path = "\(Repository.folder)/Documentation/schemas/\(name).schema.json"
            return try JSONValue.parse(TestFiles.read(path) ?? [])
        }
        ecosystem = try schema("ecosystem")
        config = try schema("config")
    }

    /// 500 valid and 500 damaged documents of each, see `schema_agreement.py`.
    @Test func schemaAndParserAgree() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let script = "\(Repository.folder)/Tests/scripts/schema_agreement.py"
            let answer = try daemon.command("/usr/bin/python3", [script, "\(Programs.folder)/document-check"]).check()
            #expect(answer.lines.count == 3 && answer.lines[0].hasPrefix("seed "), "\(answer)")
        }
    }

    @Test func theParserKnowsTheFieldsOfTheSchema() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let path = try daemon.write(#"[{"name":"a","command":"b","extra":1}]"#, to: "extra.json")
            let answer = try daemon.run("start", path)
            let known = answer.stderr.split(separator: "known: ").last?.prefix { $0 != ")" } ?? ""
            #expect(known.split(separator: ", ").map(String.init) == appFields.map(\.key).sorted(), "\(answer)")
        }
    }

    @Test func theReadmeHasTheFieldsOfTheSchemaAndTheirDefaults() {
        compare(rows(under: "## Ecosystem file"), appFields)
        var keys: [(key: String, value: JSONValue)] = []
        collect(config, prefix: "", into: &keys)
        compare(rows(under: "## Config file"), keys)
    }

    /// What gopm writes itself is valid, as its own parser says, and stays so.
    @Test func theSampleConfigIsValid() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let sample = try daemon.run("export", "--new").check().stdout
            let path = try daemon.write(sample, to: "sample.json")
            try daemon.run("--config", path, "status", "--validate").check()
        }
    }

    private var appFields: [(key: String, value: JSONValue)] {
        ecosystem["$defs"]?["app"]?["properties"]?.objectValue?.members.map { ($0.key, $0.value) } ?? []
    }

    private func collect(_ section: JSONValue, prefix: String, into keys: inout [(key: String, value: JSONValue)]) {
        for member in section["properties"]?.objectValue?.members ?? [] where member.key != "$schema" {
            if member.value["properties"] != nil {
                collect(member.value, prefix: "\(prefix)\(member.key).", into: &keys)
            } else {
                keys.append((prefix + member.key, member.value))
            }
        }
    }

    /// The same fields, and the same default where it is a value and not explained in words.
    private func compare(_ rows: [String: String], _ fields: [(key: String, value: JSONValue)]) {
        #expect(rows.keys.sorted() == fields.map(\.key).sorted())
        for field in fields {
            if let value = field.value["default"] { #expect(rows[field.key] == Self.text(value), "\(field.key)") }
        }
    }

    private static func text(_ value: JSONValue) -> String {
        var json = JSONWriter()
        json.value(value)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    /// The table under a heading of the README: field → default.
    ///
    /// A row may have several of both.
    private func rows(under heading: String) -> [String: String] {
        let readme = TestFiles.text("\(Repository.folder)/README.md")
        let lines = readme.split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(where: { $0 == heading }) else { return [:] }
        var found: [String: String] = [:]
        for line in lines[(start + 1)...].prefix(while: { !$0.hasPrefix("## ") }) where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.split(separator: "`", omittingEmptySubsequences: false) }
            // The last cell of the one table, the second of the other.
            let defaults = cells[heading == "## Config file" ? 1 : 2]
            let names = Self.inside(cells[0])
            let values = Self.inside(defaults)
            for (index, name) in names.enumerated() {
                let value = values.count == names.count ? values[index] : values.first ?? ""
                found[name] = found[name] ?? value
            }
        }
        return found
    }

    /// What stands between backquotes.
    private static func inside(_ parts: [Substring]) -> [String] {
        parts.indices.filter { $0 % 2 == 1 }.map { String(parts[$0]) }
    }
}

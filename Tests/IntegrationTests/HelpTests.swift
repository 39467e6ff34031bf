import GopmTestSupport
import Testing

/// The help of all programs side by side: one width, one form, the same words for the same flag.
@Suite struct HelpTests {
    /// Flags that mean something else in another program.
    private static let homonyms = ["--debug of gopmd", "--env of gopm-pid", "--raw of gopm-pid"]

    private static let commands = [
        "start", "stop", "restart", "delete", "list", "watch", "stats", "metrics", "gui", "describe", "isrunning",
        "flush", "export", "import", "save", "resurrect", "status", "ping", "version", "kill", "reboot", "install",
        "uninstall", "suspend", "unsuspend",
    ]

    private struct Option {
        var place: String
        var synopsis: String
        var text: String

        var name: String {
            String(synopsis.split(separator: " ").first { $0.hasPrefix("--") } ?? "")
        }
    }

    private static func help(_ program: String, _ words: String...) throws -> String {
        let arguments = words + ["--help"]
        return try RunningCommand("\(Programs.folder)/\(program)", arguments, environment: [:], folder: "/")
            .finish().check().stdout
    }

    private static func pages() throws -> [(place: String, text: String)] {
        try [("gopm", help("gopm"))] + commands.map { ("gopm \($0)", try help("gopm", $0)) }
            + ["gopmd", "gopm-logs", "gopm-pid", "gopm-mcp", "gopm-pm2"].map { ($0, try help($0)) }
    }

    /// The entries under OPTIONS, each in one piece.
    private static func options(_ place: String, _ page: String) -> [Option] {
        var options: [Option] = []
        for line in page.split(separator: "\n").drop(while: { $0 != "OPTIONS:" }).dropFirst() {
            if line.hasPrefix("  -") {
                let cells = line.dropFirst(2)
                // A long synopsis has its text below.
                let isLong = cells.dropFirst(23).first.map { $0 != " " } ?? true
                let synopsis = isLong ? String(cells) : cells.prefix(23).trailing(" ")
                let text = isLong ? "" : String(cells.dropFirst(24))
                options.append(Option(place: place, synopsis: synopsis, text: text))
            } else if !options.isEmpty {
                let text = options[options.count - 1].text
                options[options.count - 1].text = text + (text.isEmpty ? "" : " ") + line.drop { $0 == " " }
            }
        }
        return options
    }

    @Test func everyPageFitsATerminal() throws {
        for page in try Self.pages() {
            let wide = page.text.split(separator: "\n").filter { $0.count > 80 }
            #expect(wide.isEmpty, "\(page.place): \(wide)")
            #expect(page.text.contains("USAGE: \(page.place) "), "\(page.place)")
            #expect(!page.text.hasSuffix("\n\n"))
        }
    }

    @Test func theSameFlagHasTheSameWordsEverywhere() throws {
        let options = try Self.pages().flatMap { Self.options($0.place, $0.text) }
        let comparable = options.filter { !Self.homonyms.contains("\($0.name) of \($0.place)") }
        for (name, group) in Dictionary(grouping: comparable, by: \.name) {
            #expect(Set(group.map { "\($0.synopsis): \($0.text)" }).count == 1, "\(name): \(group)")
        }
        for shared in ["--json", "--config", "--debug", "--help"] {
            #expect(comparable.count { $0.name == shared } >= Self.commands.count + 4, "\(shared)")
        }
    }

    @Test func textsAreSentencesWithTheDefaultBehindThem() throws {
        for option in try Self.pages().flatMap({ Self.options($0.place, $0.text) }) {
            let parts = option.text.split(separator: " (", maxSplits: 1)
            #expect(parts.first?.hasSuffix(".") == true, "\(option)")
            guard option.text.contains("(default") || option.text.contains("default:") else { continue }
            #expect(parts.count == 2 && parts[1].hasPrefix("default") && parts[1].hasSuffix(")"), "\(option)")
        }
    }
}

extension Substring {
    /// Without the characters of its end that are these.
    fileprivate func trailing(_ character: Character) -> String {
        var text = self
        while text.last == character { text.removeLast() }
        return String(text)
    }
}

import Glibc
import GopmTestSupport
import Testing

/// What the README says is what gopm does.
@Suite(.daemonLog)
struct ReadmeTests {
    private let readme: Readme

    init() throws {
        readme = try Readme()
    }

    /// Every `sh` block, from top to bottom in one home; each must succeed, and print the `text` block that follows it.
    @Test func everyExampleRuns() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            try prepare(daemon)
            for block in readme.blocks {
                switch block.language {
                case "json" where !block.file.isEmpty: try daemon.write(block.text, to: block.file)
                case "sh": try run(block, daemon)
                default: break
                }
            }
        }
    }

    /// The blocks that no test can run, each known here: one more is a decision.
    @Test func onlyTheseExamplesAreNotRun() {
        #expect(
            readme.blocks.filter { $0.language == "console" }.map(\.text) == [
                "make demo\nmake test\n",
                "make build\nsudo make install PREFIX=/usr/local\n",
                "make dist\nmake deb\n",
                "sudo apt install ./dist/gopm_0.1.0_amd64.deb\nsudo systemctl enable --now gopm@alice\n",
                ". Completions/gopm.bash\nfpath=($PWD/Completions $fpath); autoload -Uz compinit; compinit\n"
                    + "source Completions/gopm.fish\n",
                "gopm pm2 --dry\ngopm pm2\n", "gopm gui\n",
                "gopm pm2\ngopm pm2 my-api worker\ngopm pm2 --keep\ngopm pm2 --rollback\n",
                "sudo gopm install\nsudo gopm install --user deploy\n",
                "sudo gopm uninstall\n",
                "sudo gopm suspend\n",
                "sudo gopm unsuspend\n",
                "claude mcp add gopm -- gopm mcp --stdio\n",
                "gopm start ecosystem.json\nsudo gopm install\ngopm status\nsudo reboot\ngopm list\n",
                "systemctl status gopm\nsudo systemctl restart gopm\nsudo systemctl stop gopm\n"
                    + "sudo systemctl reload gopm\njournalctl -u gopm -f\n"
                    + "journalctl -u gopm GOPM_PROCESS=api -p warning\n",
                "make check\nmake test\nmake format\n",
            ]
        )
        #expect(Set(readme.blocks.map(\.language)) == ["sh", "text", "json", "console"])
    }

    /// The reference has a section for each command, and in it each flag that `--help` lists, and no other.
    @Test func theReferenceIsWhatHelpSays() throws {
        try DaemonFixture.with(startsDaemon: false) { daemon in
            let commands = try daemon.run("--help").check().lines.filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
                .compactMap { $0.split(whereSeparator: { $0 == " " || $0 == "," }).first.map(String.init) }
            #expect(commands.count > 15, "\(commands)")
            for command in commands {
                let section = readme.section("### gopm \(command)")
                #expect(!section.isEmpty, "no section on \(command)")
                let help = try daemon.run([command, "--help"]).check().lines
                // The flags of all commands have a table of their own; `--version` is that of a helper program.
                let shared: Set = ["--json", "--config", "--debug", "--help", "--version"]
                let flags = Set(help.filter { $0.hasPrefix("  -") }.flatMap { Readme.flags(in: $0.prefix(25)) })
                    .subtracting(shared)
                let rows = section.filter { $0.hasPrefix("| `-") }
                let documented = Set(rows.flatMap { Readme.flags(in: $0.split(separator: "|")[0]) })
                #expect(documented == flags, "gopm \(command)")
            }
        }
    }

    /// The files that the examples take for granted.
    private func prepare(_ daemon: DaemonFixture) throws {
        try daemon.write("#!/bin/bash\necho \"ready: $*\"\nwhile sleep 1; do :; done\n", to: "myapp", mode: 0o755)
        try daemon.write(
            "import time\nprint('ready', flush=True)\nwhile True: time.sleep(1)\n",
            to: "worker.py"
        )
        // The examples speak of `~/.gopm`; it exists as soon as a daemon ran.
        symlink("h", "\(daemon.folder)/.gopm")
        daemon.environment["PATH"] = "\(Programs.folder):\(daemon.environment["PATH"] ?? "")"
        daemon.environment["TZ"] = "UTC"
    }

    private func run(_ block: Readme.Block, _ daemon: DaemonFixture) throws {
        let shell = try RunningCommand(
            "/bin/bash",
            ["-c", "set -euo pipefail; exec 2>&1\n\(block.text)"],
            environment: daemon.environment,
            folder: daemon.folder
        )
        let result = try shell.finish()
        let place: Comment = "README.md, line \(block.line): \(result)"
        #expect(result.status == 0, place)
        let printed = Set(result.lines.map { Readme.normalized($0, folder: daemon.folder) })
        for line in block.output where line != "…" {
            let expected = Readme.normalized(line, folder: "/home/me")
            #expect(printed.contains { $0.hasPrefix(expected) }, "not printed: \(line)\n\(place)")
        }
    }
}

/// The README in pieces.
private struct Readme {
    struct Block {
        /// Of its first line in the file, from 1.
        var line: Int
        /// `sh`, `text`, `json`, `console`.
        var language: String
        /// The word after the language: the file that the block is.
        var file: String
        var text = ""
        /// The lines that it prints: the `text` block right after it.
        var output: [String] = []
    }

    private(set) var blocks: [Block] = []
    private let lines: [Substring]

    init() throws {
        let folder = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
        lines = TestFiles.text("\(folder)/README.md").split(separator: "\n", omittingEmptySubsequences: false)
        var current: Block?
        var hasProseBetween = true
        for (index, line) in lines.enumerated() {
            if line.hasPrefix("```"), let block = current {
                add(block, follows: !hasProseBetween)
                current = nil
                hasProseBetween = false
            } else if line.hasPrefix("```") {
                let words = line.dropFirst(3).split(separator: " ").map(String.init)
                current = Block(line: index + 2, language: words.first ?? "", file: words.count > 1 ? words[1] : "")
            } else if current != nil {
                current?.text += "\(line)\n"
            } else if !line.isEmpty {
                hasProseBetween = true
            }
        }
        guard blocks.count > 20, current == nil else { throw TestFailure("README.md: \(blocks.count) blocks") }
    }

    private mutating func add(_ block: Block, follows: Bool) {
        if block.language == "text", follows, blocks.last?.language == "sh" {
            blocks[blocks.count - 1].output = block.text.split(separator: "\n").map(String.init)
        }
        blocks.append(block)
    }

    /// The lines under a heading, to the next one of its level or above.
    func section(_ heading: String) -> [Substring] {
        guard let start = lines.firstIndex(where: { $0 == heading }) else { return [] }
        return lines[(start + 1)...].prefix { !$0.hasPrefix("### ") && !$0.hasPrefix("## ") }.map { $0 }
    }

    /// The long flags in a text.
    static func flags(in text: Substring) -> [String] {
        text.split(whereSeparator: { !$0.isLetter && $0 != "-" }).map(String.init)
            .filter { $0.hasPrefix("--") && $0.count > 2 }
    }

    /// A line of output without what differs from run to run: numbers, units of memory, widths of columns, the folder.
    static func normalized(_ line: String, folder: String) -> String {
        var result = ""
        for character in line.replacing(folder, with: "~") {
            let letter: Character = character.isNumber ? "0" : character
            let repeats = letter == result.last && (letter == "0" || letter == " " || letter == "─")
            if !repeats { result.append(letter) }
        }
        for unit in ["0.0 KB", "0.0 MB", "0.0 GB"] { result = result.replacing(unit, with: "0 B") }
        return result
    }
}

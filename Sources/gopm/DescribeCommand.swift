import ArgumentParser
import GopmClient
import GopmCommandLine
import GopmJSON
import GopmModel
import GopmScreen
import GopmSystem
import GopmTerminal
import GopmWire

#if canImport(Glibc)
    import Glibc
#endif

struct DescribeCommand: ParsableCommand {
    static let configuration = CommandConfiguration.command(
        "describe",
        "<name|id>",
        abstract: "Show everything about a process."
    )

    @Argument(help: .process, completion: .live(.processes))
    var target: String

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let connection = try global.connect()
        let data = try reporting { () throws(ClientError) in
            try connection.call(.describe) { $0.member("target", target) }
        }
        if global.json { return Console.json(data) }
        Console.out(table(try RecordReading.first(data), tree: tree(data)))
    }

    private func table(_ record: ProcessRecord, tree: [Table.Cell.Line]) -> Table {
        var table = Table([Table.Column("Key"), Table.Column("Value", overflow: .wraps)])
        let now = Timestamp(nanoseconds: Clock.wall)
        for (key, value) in ProcessFacts.rows(record, now: now, path: UserPath.abbreviated) {
            table.append([Table.Cell(key), value])
        }
        // A main process alone is in the table already.
        if tree.count > 1 { table.append(["Tree", Table.Cell(lines: tree)]) }
        let env = record.spec.env.sorted { $0.key < $1.key }.map {
            Table.Cell.Line(DisplayText.sanitized("\($0.key)=\($0.value)"))
        }
        table.append(["Env", env.isEmpty ? "-" : Table.Cell(lines: env)])
        return table
    }

    /// Every living process of the program, a line each.
    private func tree(_ data: [UInt8]) -> [Table.Cell.Line] {
        let nodes = (try? JSONValue.parse(data))?["tree"]?.arrayValue ?? []
        let branches = TreeBranches.prefixes(of: nodes.map { Int(clamping: $0["depth"]?.integerValue ?? 0) })
        return zip(nodes, branches).map { node, branch in
            Table.Cell.Line("\(branch)\(node["pid"]?.integerValue ?? 0) \(node["command"]?.stringValue ?? "")")
        }
    }
}

/// Paths as this user writes them.
enum UserPath {
    static var home: String { Environment.value("HOME") ?? "" }

    static func abbreviated(_ path: String) -> String {
        PathText.abbreviated(path, home: home)
    }
}

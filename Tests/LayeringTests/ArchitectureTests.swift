import Testing

/// Documentation/Architecture.md says what is there.
@Suite struct ArchitectureTests {
    private let page = SourceTree.text(of: SourceTree.root + "/Documentation/Architecture.md")

    /// The rows of the table of modules: `| module | what it is for | what it imports of ours |`.
    private var rows: [(module: String, imports: Set<String>)] {
        page.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
            guard cells.count == 5, let module = names(in: cells[1]).first else { return nil }
            return (module, Set(names(in: cells[3])))
        }
    }

    @Test func theTableOfModulesIsThatOfTheLayers() {
        let modules = Set(SourceTree.entries(of: SourceTree.sources))
        #expect(Set(rows.map(\.module)) == modules)
        for row in rows {
            #expect(row.imports == (allowed[row.module] ?? []).intersection(modules), "\(row.module)")
        }
    }

    @Test func aModuleStandsBelowAllThatItImports() {
        var above: Set<String> = []
        for row in rows {
            #expect(above.isSuperset(of: row.imports), "\(row.module)")
            above.insert(row.module)
        }
    }

    @Test func everyFileThatIsNamedExists() {
        let files = names(in: page[...]).filter { name in
            name.contains("/") && [".swift", ".c", ".h", ".md"].contains { name.hasSuffix($0) }
        }
        #expect(files.count > 20)
        for file in files {
            let places = [SourceTree.root, SourceTree.sources].map { "\($0)/\(file)" }
            #expect(places.contains(where: SourceTree.exists), "\(file)")
        }
    }

    /// What stands between backticks.
    private func names(in text: Substring) -> [String] {
        let parts = text.split(separator: "`", omittingEmptySubsequences: false)
        return parts.indices.filter { $0 % 2 == 1 }.map { String(parts[$0]) }
    }
}

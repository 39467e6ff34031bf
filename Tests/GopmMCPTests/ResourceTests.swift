import GopmJSON
import Testing

@testable import GopmMCP

@Suite struct ResourceURITests {
    @Test(arguments: [
        ("gopm://processes", ResourceURI.processes), ("gopm://status", .status),
        ("gopm://process/api", .process("api")),
        ("gopm://process/a%40b", .process("a@b")), ("gopm://logs/api/stdout", .log("api", isError: false)),
        ("gopm://logs/api/stderr", .log("api", isError: true)),
    ])
    func reads(text: String, uri: ResourceURI) {
        #expect(ResourceURI(text) == uri)
    }

    @Test(arguments: [
        "", "gopm:", "gopm://", "gopm://process", "gopm://process/", "gopm://process/a/b", "gopm://logs/a",
        "gopm://logs/a/b",
        "gopm://logs//stdout", "gopm://processes/", "gopm://process/%zz", "gopm://process/%4", "gopm://process/%+5",
        "gopm://process/%ff",
        "file:///etc/passwd", "GOPM://status", "gopm://process/" + String(repeating: "a", count: 300),
    ])
    func refuses(text: String) {
        #expect(ResourceURI(text) == nil)
    }
}

@Suite struct ProcessChangesTests {
    private func process(_ id: Int64, _ name: String, _ state: String = "running") -> JSONValue {
        ["id": .integer(id), "name": .string(name), "state": .string(state), "cpu": 1.5]
    }

    @Test func theFirstLookIsNoChange() {
        var changes = ProcessChanges()
        #expect(changes.reset(to: [process(0, "api")]) == nil)
        #expect(changes.reset(to: [process(0, "api")]) == nil)
    }

    @Test func whatNobodyNoticesIsNoChange() {
        var changes = ProcessChanges()
        _ = changes.reset(to: [process(0, "api")])
        #expect(changes.take(event: "changed", process(0, "api")) == nil)
    }

    @Test func aNewStateChangesTheProcessAndTheList() {
        var changes = ProcessChanges()
        _ = changes.reset(to: [process(0, "api")])
        let change = changes.take(event: "changed", process(0, "api", "stopped"))
        #expect(change == ResourceChange(uris: ["gopm://processes", "gopm://process/api", "gopm://process/0"]))
    }

    @Test func comingAndGoingChangesTheListOfResources() {
        var changes = ProcessChanges()
        _ = changes.reset(to: [])
        #expect(changes.take(event: "changed", process(0, "api"))?.isListChanged == true)
        #expect(changes.take(event: "removed", process(0, "api"))?.isListChanged == true)
        #expect(changes.take(event: "removed", process(0, "api")) == nil)
    }

    /// While no daemon was there things may have changed.
    @Test func aLaterLookTellsWhatWasMissed() {
        var changes = ProcessChanges()
        _ = changes.reset(to: [process(0, "api"), process(1, "web")])
        let change = changes.reset(to: [process(0, "api", "errored"), process(2, "job")])
        #expect(change?.isListChanged == true)
        #expect(
            change?.uris.isSuperset(of: ["gopm://process/api", "gopm://process/web", "gopm://process/job"]) == true
        )
    }
}

@Suite struct ChangeQueueTests {
    private let change = ResourceChange(uris: ["gopm://processes", "gopm://process/api"], isListChanged: true)

    @Test func onlyWhatWasSubscribedToIsTold() async {
        let queue = ChangeQueue(uris: ["gopm://process/api"], wantsList: false)
        queue.push(change)
        queue.push(change)
        #expect(await queue.next(within: .seconds(5)) == .changes(uris: ["gopm://process/api"], isListChanged: false))
        queue.unsubscribe("gopm://process/api")
        queue.push(change)
        queue.close()
        #expect(await queue.next(within: .seconds(5)) == .closed)
    }

    @Test func whatCameBeforeTheEndIsTold() async {
        let queue = ChangeQueue(wantsList: true)
        queue.push(change)
        queue.close()
        #expect(await queue.next(within: .seconds(5)) == .changes(uris: [], isListChanged: true))
        #expect(await queue.next(within: .seconds(5)) == .closed)
    }

    @Test func aWaitEndsWhenSomethingComesOrTheTimeIsOver() async {
        let queue = ChangeQueue(wantsList: true)
        #expect(await queue.next(within: .milliseconds(1)) == .nothing)
        async let next = queue.next(within: .seconds(60))
        queue.push(change)
        #expect(await next == .changes(uris: [], isListChanged: true))
    }
}

@Suite struct LogExcerptTests {
    private func excerpt(limit: Int, _ lines: [String]) -> LogExcerpt {
        var excerpt = LogExcerpt(lineLimit: limit)
        for line in lines { excerpt.append(endsLine: true) { $0.append(contentsOf: (line + "\n").utf8) } }
        return excerpt
    }

    @Test func theNewestLinesFit() throws {
        let lines = (0..<5000).map { "line \($0) " + String(repeating: "x", count: 90) }
        let output = excerpt(limit: .max, lines).output("api", paths: [])
        let data = try #require(output.structured.flatMap { try? JSONValue.parse($0) })
        let shown = try #require(data["lines"]?.arrayValue)
        #expect(shown.last?.stringValue == lines.last)
        #expect(Int64(shown.count) + (data["omitted_lines"]?.integerValue ?? 0) == 5000)
        #expect(output.texts[0].utf8.count <= LogExcerpt.sizeLimit)
        #expect(output.texts.last?.contains("older lines left out") == true)
    }

    @Test func linesThatWereNotAskedForAreNotMissed() throws {
        let output = excerpt(limit: 2, ["a", "b", "c", "d", "e"]).output("api", paths: [])
        #expect(output.texts == ["d\ne"])
    }

    @Test func aLongLineIsCutAndSaysSo() {
        let long = String(repeating: "y", count: 100_000)
        let output = excerpt(limit: 10, [long, "short"]).output("api", paths: [])
        #expect(output.texts[0].utf8.count < 9000)
        #expect(output.texts[0].contains("bytes more]"))
        #expect(output.texts[0].hasSuffix("\nshort"))
    }

    @Test func noLinesAreNoLines() {
        #expect(excerpt(limit: 10, []).output("api", paths: []).texts == ["no lines"])
    }
}

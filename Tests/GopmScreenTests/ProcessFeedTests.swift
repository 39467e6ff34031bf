import GopmJSON
import GopmModel
import GopmScreen
import Testing

@Suite struct ProcessFeedTests {
    private func object(_ id: Int, _ name: String, cpu: Double = 0) -> String {
        #"{"id":\#(id),"name":"\#(name)","status":"online","extra":[1],"cpu":\#(cpu),"memory":10}"#
    }

    private func feed(_ objects: String...) -> ProcessFeed {
        var feed = ProcessFeed()
        feed.replace(with: Array("[\(objects.joined(separator: ","))]".utf8))
        return feed
    }

    private func names(_ feed: ProcessFeed) -> [String] { feed.records.map(\.spec.name) }

    @Test func eventsBeforeTheListSayNothing() {
        var feed = ProcessFeed()
        #expect(feed.apply(event: "changed", Array(object(1, "a").utf8)) == .nothing)
        #expect(!feed.isKnown && feed.records.isEmpty)
    }

    @Test func processesComeChangeAndGo() {
        var feed = feed(object(4, "d"), object(1, "a"))
        #expect(names(feed) == ["a", "d"])
        #expect(feed.apply(event: "changed", Array(object(2, "b").utf8)) == .processes)
        #expect(feed.apply(event: "changed", Array(object(4, "D").utf8)) == .processes)
        #expect(names(feed) == ["a", "b", "D"])
        #expect(feed.apply(event: "removed", Array(object(1, "a").utf8)) == .processes)
        #expect(feed.apply(event: "removed", Array(object(1, "a").utf8)) == .nothing)
        #expect(names(feed) == ["b", "D"])
    }

    @Test func samplesReachTheRecordsAndTheJSON() throws {
        var feed = feed(object(0, "a"), object(1, "b"))
        let samples = #"[{"id":1,"cpu":12.5,"memory":2048},{"id":9,"cpu":1,"memory":1}]"#
        #expect(feed.apply(event: "samples", Array(samples.utf8)) == .samples)
        #expect(feed.records[1].cpuPercent == 12.5)
        #expect(feed.records[1].memory == 2048)
        let text = ProcessFeed.encoded(feed.selected(by: "b"))
        #expect(text.last == UInt8(ascii: "\n"))
        let value = try #require(try JSONValue.parse(text).arrayValue?.first)
        #expect(value["cpu"]?.doubleValue == 12.5)
        #expect(value["memory"]?.integerValue == 2048)
        #expect(value["extra"]?.arrayValue?.count == 1)
    }

    @Test func targets() {
        let feed = feed(object(0, "a"), object(7, "b"))
        #expect(feed.selected(by: "all").count == 2)
        #expect(feed.selected(by: "7").map(\.record.spec.name) == ["b"])
        #expect(feed.selected(by: "a").count == 1)
        #expect(feed.selected(by: "c").isEmpty)
    }

    @Test func whatIsNoEventChangesNothing() {
        var feed = feed(object(0, "a"))
        for data in ["", "{", "[]", "7", #"{"id":"x"}"#, #"[{"id":0}]"#] {
            for name in ["changed", "removed", "samples", "other"] where !(name == "samples" && data.hasPrefix("[")) {
                if name == "changed", data.hasPrefix("{\"") { continue }
                #expect(feed.apply(event: name, Array(data.utf8)) != .processes)
            }
        }
        #expect(names(feed) == ["a"])
    }
}

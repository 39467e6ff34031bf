import GopmJSON
import GopmMigration
import GopmModel
import GopmTestSupport
import SeededRandom
import Testing

/// The list is found whatever stands around it.
@Suite struct PM2ListTests {
    private static let list =
        #"[{"pid":1,"name":"a","pm_id":0,"pm2_env":{"pm_exec_path":"/a","args":["[{\"]"],"env":{}}}]"#

    @Test(arguments: [
        ("", ""), ("\n", "\n"),
        ("[PM2] Spawning PM2 daemon with pm2_home=/home/me/.pm2\n[PM2] PM2 Successfully daemonized\n", ""),
        ("\n>>>> In-memory PM2 is out-of-date, do:\n>>>> $ pm2 update\nIn memory PM2 version: 5.1.0\n", "\n"),
        ("(node:7) [DEP0040] DeprecationWarning: punycode\n\u{1b}[33m[PM2][WARN]\u{1b}[39m [x] {\"a\"\n", ""),
        ("[]\n", "\n[]\n"), ("[{\"name\": \"no process\"}]\n", ""), ("[{", "}]"), ("[{\"a\": [{\n", ""),
        ("", "\nnpm notice [{}] New major version of npm available!"), ("\u{feff}", "\u{0}"),
        ("warning: ünïcode ✓ [[[\n", "]]]"),
    ])
    func noiseAroundTheListDoesNotMatter(_ before: String, _ after: String) throws {
        let found = PM2List.parse(output: Array((before + PM2ListTests.list + after).utf8))
        #expect(found?.map(\.name) == ["a"])
        #expect(found?.first?.id == 0 && found?.first?.pid == 1)
    }

    @Test(arguments: ["", "[PM2] Nothing", "{}", "[", "[{}", "null", "[{]}"])
    func whatHoldsNoListIsNone(_ text: String) {
        #expect(PM2List.parse(output: Array(text.utf8)) == nil)
    }

    @Test func noProcessIsAnEmptyList() {
        #expect(PM2List.parse(output: Array("[PM2] hello\n[]\n".utf8)) == [])
    }

    @Test func hugeOutputIsReadAndHugeDamageGivenUp() throws {
        let entry =
            #"{"name":"a","pm2_env":{"pm_exec_path":"/a","env":{"BIG":"\#(String(repeating: "x", count: 10_000))"}}}"#
        let many = "[" + Array(repeating: entry, count: 1000).joined(separator: ",") + "]"
        #expect(PM2List.parse(output: Array(("[PM2] noise\n" + many).utf8))?.count == 1000)
        // Every bracket begins a list that goes to the end and has none: not a second look for each.
        #expect(PM2List.parse(output: Array(String(repeating: "[{", count: 2_000_000).utf8)) == nil)
    }

    @Test func entriesWithoutPIDOrWithOddTypes() throws {
        let text = #"[{"name":7,"pm2_env":{"name":7,"pm_exec_path":"/a","status":"stopped","env":null}}]"#
        let process = try #require(PM2List.parse(output: Array(text.utf8))?.first)
        #expect(process.name == "7" && process.pid == 0 && process.id == nil && !process.isUp)
    }

    @Test func damageNeverCrashes() {
        let bytes = Fixture.bytes("jlist.json")
        var random = SeededGenerator(seed: 7)
        for _ in 0..<300 {
            var damaged = bytes
            for _ in 0..<3 {
                let place = Int.random(in: damaged.indices, using: &random)
                if random.chance(50) {
                    damaged[place] = random.pick(Array("\"[]{}:,0n\\x".utf8))
                } else {
                    damaged.removeSubrange(place..<min(place + Int.random(in: 0...9, using: &random), damaged.count))
                }
            }
            for plan in PM2Import.plans(for: PM2List.parse(output: damaged) ?? [], at: site) {
                #expect(ProcessName.isValid(plan.name) && plan.request.cwd?.hasPrefix("/") == true)
            }
        }
    }

    @Test func modulesAreNotMoved() throws {
        let text = #"[{"name":"pm2-logrotate","pm2_env":{"pm_exec_path":"/a","pmx_module":true,"status":"online"}}]"#
        let processes = try #require(PM2List.parse(output: Array(text.utf8)))
        #expect(processes[0].isModule && PM2Import.plans(for: processes, at: site).isEmpty)
    }
}

@Suite struct PM2DumpTests {
    @Test func whatIsTakenOutCanBePutBack() throws {
        let processes = try Fixture.dump()
        var dump = try #require(PM2Dump(parsing: Fixture.bytes("dump.pm2")))
        let web = processes.filter { $0.name == "cluster-web" }
        let saved = dump.elements(of: web)
        #expect(saved.count == 2)
        let before = dump.elements
        let removed = dump.remove(web)
        #expect(removed && dump.elements.count == 6)
        let again = dump.remove(web)
        #expect(!again)
        let isBack = dump.putBack(saved)
        #expect(isBack && Set(dump.elements) == Set(before))
        let twice = dump.putBack(saved)
        #expect(!twice && dump.elements.count == 8)
        #expect(PM2Dump(parsing: dump.text)?.elements == dump.elements)
    }

    @Test func keptEntriesAreStoppedThere() throws {
        var dump = try #require(PM2Dump(parsing: Fixture.bytes("dump.pm2")))
        let live = Fixture.live.filter { $0.name == "web" }
        let changed = dump.markStopped(live)
        #expect(changed && dump.elements[0]["status"] == "stopped" && dump.elements[1]["status"] == "online")
        let again = dump.markStopped(live)
        #expect(!again)
    }

    @Test func anEntryForPM2HasNoNumbersOfItsLastLife() throws {
        let element = Fixture.live[0].dumpElement(isUp: true)
        #expect(element["instances"] == nil && element["pm_id"] == nil && element["prev_restart_delay"] == nil)
        #expect(element["status"] == "online" && element["env"]?["PORT"] == 3000)
        #expect(Fixture.live[0].dumpElement(isUp: false)["status"] == "stopped")
    }

    @Test func whatIsNoListHasNothingToChange() {
        #expect(PM2Dump(parsing: Array("{}".utf8)) == nil && PM2Dump(parsing: []) == nil)
    }
}

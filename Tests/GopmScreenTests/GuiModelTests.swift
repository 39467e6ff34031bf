import GopmModel
import GopmScreen
import GopmTerminal
import GopmWire
import Testing

@Suite struct GuiModelTests {
    private let gui = TestGui(["api", "worker", "cron"])

    @Test func theSelectionDecidesWhichLogIsOpen() {
        #expect(gui.effects == [.openLog("/logs/api-out.log")])
        #expect(gui.press(.down) == [.openLog("/logs/worker-out.log")])
        #expect(gui.press(.character("e")) == [.openLog("/logs/worker-err.log")])
        #expect(gui.press(.character("l")) == [.openLog(nil)])
        #expect(gui.press(.up) == [])
        #expect(gui.press(.character("l")) == [.openLog("/logs/api-err.log")])
    }

    @Test(arguments: [
        (Character("t"), Method.stop), (Character("r"), .restart), (Character("f"), .flush),
    ])
    func actionsGoToTheSelectedProcess(_ key: Character, _ method: Method) {
        gui.press(.down)
        let action = GuiModel.Action(method, "worker")
        #expect(gui.press(.character(key)) == [.perform(action)])
        gui.post(.done(action, problem: "no such thing"))
        #expect(gui.model.message?.text == "no such thing")
        #expect(gui.model.message?.isError == true)
    }

    @Test func deletingAsksFirst() {
        #expect(gui.press(.character("d")) == [])
        #expect(gui.text.contains("delete api?"))
        #expect(gui.press(.enter) == [])
        #expect(!gui.text.contains("delete api?"))
        gui.press(.character("d"))
        #expect(gui.press(.character("y")) == [.perform(.init(.delete, "api"))])
    }

    @Test func theSelectionStaysWithItsProcess() {
        gui.press(.down)
        gui.removed(0)
        #expect(gui.model.list.selected?.spec.name == "worker")
        gui.removed(1)
        // Its place, when it is gone.
        #expect(gui.model.list.selected?.spec.name == "cron")
        gui.removed(2)
        #expect(gui.model.list.selected == nil)
        #expect(gui.text.contains("no processes; s starts one"))
        for key in ["t", "r", "d", "f"] { #expect(gui.press(.character(Character(key))) == []) }
        gui.press(.enter)
        gui.press(.down)
    }

    @Test func theFilterShowsLessAsItIsTyped() {
        gui.type("/or")
        #expect(gui.model.list.rows.map(\.spec.name) == ["worker"])
        #expect(gui.text.contains("Processes (1 of 3, \"or\")"))
        gui.press(.enter)
        #expect(gui.press(.character("t")) == [.perform(.init(.stop, "worker"))])
        gui.press(.escape)
        #expect(gui.model.list.rows.count == 3)
        gui.type("/zz")
        #expect(gui.model.list.rows.isEmpty)
        gui.press(.escape)
        #expect(gui.model.list.rows.count == 3)
    }

    @Test func sorting() {
        gui.changed(Sample.record(1, "worker"), cpu: 50)
        #expect(gui.model.list.order == .id)
        for _ in 0..<3 { gui.press(.character(">")) }
        #expect(gui.model.list.order == .cpu)
        #expect(gui.model.list.rows.map(\.spec.name) == ["worker", "api", "cron"])
        gui.press(.character("<"))
        gui.press(.character("<"))
        #expect(gui.model.list.rows.map(\.spec.name) == ["api", "cron", "worker"])
    }

    @Test func clicksAndTheWheel() {
        let layout = gui.model.layout
        #expect(gui.press(.mouse(.press(row: layout.list.row + 3, column: 9))) == [.openLog("/logs/cron-out.log")])
        gui.press(.mouse(.wheelUp(row: layout.list.row + 1, column: 9)))
        #expect(gui.model.list.selected?.spec.name == "worker")
        let logs = layout.logs?.row ?? 0
        gui.press(.mouse(.press(row: logs + 1, column: 9)))
        #expect(gui.model.focus == .logs)
        // Below the last process, and nowhere.
        gui.press(.mouse(.press(row: layout.list.row + layout.list.rows - 1, column: 9)))
        gui.press(.mouse(.press(row: 999, column: -1)))
        #expect(gui.model.list.selected?.spec.name == "worker")
    }

    @Test func aScrolledLogStandsStillUntilItIsFollowedAgain() {
        gui.log((0..<100).map { "line \($0)" })
        gui.press(.tab)
        gui.press(.up)
        #expect(!gui.model.logs.isFollowing)
        #expect(gui.text.contains("paused"))
        #expect(gui.text.contains("line 98") && !gui.text.contains("line 99"))
        #expect(gui.press(.end) == [.openLog("/logs/api-out.log")])
        #expect(gui.model.logs.isFollowing)
        gui.press(.home)
        #expect(gui.text.contains("line 0 "))
    }

    @Test func searchingTheLog() {
        gui.log((0..<300).map { $0 % 100 == 7 ? "an Error \($0)" : "line \($0)" })
        gui.press(.tab)
        gui.type("/error")
        gui.press(.enter)
        #expect(gui.text.contains("an Error 207"))
        gui.press(.character("n"))
        #expect(gui.text.contains("an Error 107"))
        gui.press(.character("N"))
        #expect(gui.text.contains("an Error 207"))
        gui.type("/nowhere")
        gui.press(.enter)
        #expect(gui.text.contains("nowhere: not in the last 300 lines"))
        gui.press(.escape)
        #expect(gui.model.logs.isFollowing)
    }

    @Test func startingWithCompletion() {
        gui.type("s./b")
        #expect(gui.press(.tab) == [.list(folder: "./")])
        gui.post(.folder("./", ["bin/", "bench", "x"]))
        #expect(gui.text.contains("bench"))
        gui.type("in/a")
        gui.press(.tab)
        gui.post(.folder("./bin/", ["app one"]))
        gui.type("-- 1")
        #expect(gui.press(.enter) == [.start("./bin/app\\ one -- 1")])
        gui.post(.started(.failure(.init(text: "no such file"))))
        #expect(gui.text.contains("no such file"))
        gui.post(.started(.success("started app")))
        #expect(gui.hasNoOverlay)
        #expect(gui.text.contains("started app"))
    }

    @Test func theDetailHasFactsAndCharts() {
        #expect(gui.press(.enter) == [.requestHistory(id: 0, name: "api")])
        gui.post(.history(id: 0, TestGui.history("api", minutes: 30, now: gui.now)))
        #expect(gui.text.contains("Stdout Log"))
        #expect(gui.text.contains("CPU 29%"))
        gui.post(.daemonEvents([("samples", Array(#"[{"id":0,"cpu":77,"memory":1}]"#.utf8))]))
        #expect(gui.text.contains("CPU 77%"))
        gui.press(.pageDown)
        gui.press(.escape)
        #expect(gui.hasNoOverlay)
        gui.press(.enter)
        gui.removed(0)
        #expect(gui.hasNoOverlay)
    }

    @Test func theDaemonGoesAndComesBack() {
        gui.post(.ping(Array(#"{"pid":77,"uptime_ms":60000,"version":"1"}"#.utf8)))
        #expect(gui.text.contains("daemon PID: 77"))
        gui.post(.daemonLost)
        #expect(gui.text.contains("the daemon is not running"))
        gui.post(.list(Array("[]".utf8)))
        #expect(!gui.text.contains("the daemon is not running"))
    }

    @Test func leavingAndTheShell() {
        #expect(gui.press(.character("q")) == [.quit])
        gui.type("s")
        #expect(gui.press(.character("q")) == [])
        #expect(gui.press(.control("c")) == [.quit])
        #expect(gui.press(.control("z")) == [.suspend])
    }

    @Test func messagesGoAway() {
        gui.post(.started(.success("hello there")))
        #expect(gui.text.contains("hello there"))
        gui.tick(seconds: 5)
        #expect(!gui.text.contains("hello there"))
    }
}

import GopmJSON
import GopmModel
import Testing

@Suite struct EcosystemFileTests {
    @Test(arguments: [
        #"{"apps":[{"name":"a","command":"x"},{"name":"b","command":"y"}]}"#,
        #"[{"name":"a","command":"x"},{"name":"b","command":"y"}]"#,
    ])
    func objectOrList(text: String) throws {
        let file = try EcosystemFile(parsing: Array(text.utf8))
        #expect(file.apps.map(\.name) == ["a", "b"])
        #expect(file.apps.map(\.command) == ["x", "y"])
    }

    @Test(arguments: [#"{"apps":[]}"#, "[]"])
    func noAppsAreNoFault(text: String) throws {
        #expect(try EcosystemFile(parsing: Array(text.utf8)).apps == [])
    }

    @Test(
        arguments: [
            ("7", [#"expected an object with "apps", found a number"#]),
            ("null", [#"expected an object with "apps", found null"#]),
            ("{}", ["apps: expected a list of apps but it is missing"]),
            (#"{"apps":{}}"#, ["apps: expected a list of apps, found an object"]),
            (#"{"apps":null}"#, ["apps: expected a list of apps, found null"]),
            (#"{"$schema":1,"apps":[]}"#, [##"["$schema"]: expected a string, found a number"##]),
            (#"{"app":[]}"#, ["app: unknown field (known: apps)", "apps: expected a list of apps but it is missing"]),
            (
                #"{"apps":[7,null]}"#,
                ["apps[0]: expected an object, found a number", "apps[1]: expected an object, found null"]
            ),
            ("[7]", ["[0]: expected an object, found a number"]),
            (#"{"apps":[],"x y\n":1}"#, [#"["x y\n"]: unknown field (known: apps)"#]),
        ] as [(String, [String])]
    )
    func shapes(text: String, lines: [String]) {
        #expect(refusal(of: text) == lines)
    }

    @Test func brokenJSONSaysWhere() {
        #expect(refusal(of: "{\"apps\":[\n{\"name\":\"a\",}]}").first?.hasPrefix("line 2, column ") == true)
        #expect(refusal(of: "").count == 1)
    }

    @Test func allFaultsAreListedInOneGo() {
        let text = #"""
            {"apps":[
              {"name":"web","command":"x","min_uptime":"5","autorestart":"maybe"},
              {"name":"all","comand":"x"},
              {"name":"web","command":"x","args":["a",2,3],"env":{"A":{}}}
            ],"extra":1}
            """#
        let known =
            "args, autorestart, command, cwd, env, exp_backoff, interpreter, kill_signal, kill_timeout, log_err, log_out, "
            + "max_delay, max_log_size, max_restarts, min_uptime, name, no_restart_on_exit, path, restart_delay, restart_on_exit"
        #expect(
            refusal(of: text) == [
                "extra: unknown field (known: apps)",
                #"apps[0].autorestart: "maybe" is not allowed (always, on-failure or never)"#,
                #"apps[0].min_uptime: "5" is not a duration (such as 500ms, 5s, 1m30s, 2h)"#,
                "apps[1].command: missing (the program or script to start)",
                #"apps[1].name: "all" is not \#(ProcessName.rule)"#,
                "apps[1].comand: unknown field (known: \(known))",
                "apps[2].args[1]: expected a string, found a number",
                "apps[2].args[2]: expected a string, found a number",
                "apps[2].env.A: expected a string, found an object",
                #"apps[2].name: "web" is already the name of apps[0]"#,
            ]
        )
    }

    /// Fields of PM2 and supervisord are refused with what stands in their place.
    @Test func foreignFieldsAreToldTheirNameHere() {
        let text = #"{"apps":[{"name":"web","command":"x","out_file":"o","stopsignal":"INT"}]}"#
        #expect(
            refusal(of: text) == [
                "apps[0].out_file: unknown field (here: log_out)",
                "apps[0].stopsignal: unknown field (here: kill_signal)",
            ]
        )
    }

    @Test func nameIsNeeded() {
        let missing = "apps[0].name: missing (\(ProcessName.allowed))"
        #expect(refusal(of: #"{"apps":[{"command":"x"}]}"#) == [missing])
        #expect(
            refusal(of: #"{"apps":[{"command":"x","name":7}]}"#) == ["apps[0].name: expected a string, found a number"]
        )
    }

    /// A field that is null is as good as absent.
    @Test func nullIsNoNameAndNoCommand() {
        #expect(
            refusal(of: #"{"apps":[{"command":"x","name":null}]}"#) == [
                "apps[0].name: missing (\(ProcessName.allowed))"
            ]
        )
        #expect(
            refusal(of: #"{"apps":[{"command":null,"name":"a"}]}"#)
                == ["apps[0].command: missing (the program or script to start)"]
        )
    }

    @Test func everyRepeatedNamePointsToTheFirst() {
        let app = #"{"name":"a","command":"x"}"#
        #expect(
            refusal(of: "[\(app),\(app),\(app)]") == [
                #"[1].name: "a" is already the name of [0]"#, #"[2].name: "a" is already the name of [0]"#,
            ]
        )
    }

    @Test func fieldsThatStandTwiceAreRefused() {
        let twice = "the field stands here twice"
        #expect(refusal(of: #"[{"name":"a","command":"x","command":"y"}]"#) == ["[0].command: \(twice)"])
    }

    @Test func listOfAppsThatStandsTwiceIsRefused() {
        #expect(refusal(of: #"{"apps":[7],"apps":[]}"#).contains { $0.hasPrefix("apps: ") && $0.contains("twice") })
    }

    @Test func variableThatStandsTwiceIsRefused() {
        #expect(refusal(of: #"[{"name":"a","command":"x","env":{"A":"1","A":"2"}}]"#).count == 1)
    }
}

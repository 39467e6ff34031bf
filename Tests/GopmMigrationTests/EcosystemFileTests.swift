import GopmJSON
import GopmMigration
import GopmModel
import GopmTestSupport
import Testing

@Suite struct EcosystemFileTests {
    private let place = PM2App.Surroundings(folder: "/srv/app", home: "/home/me", searchPath: "/bin") { path in
        path == "/srv/app/tool"
    }

    private func plans(_ text: String) throws -> [ImportPlan] {
        let file = try PM2EcosystemFile(try JSONValue.parse(Array(text.utf8)))
        return PM2Import.plans(for: file.apps.compactMap { PM2App($0).process(in: place) }, at: site)
    }

    private func plan(_ app: String) throws -> ImportPlan {
        try #require(try plans(#"{"apps": [\#(app)]}"#).first)
    }

    @Test func otherWordsForTheSame() throws {
        let plan = try plan(
            """
            {"exec": "src/a.js", "cwd": "~/web", "interpreter": "node18", "interpreterArgs": "-r esm", "args": "a 'b c'",
             "out": "o.log", "error": "/e.log", "cron": "* * * * *", "port": 81, "user": 0, "env": {"A": 1}}
            """
        )
        #expect(plan.name == "a" && plan.obstacle == "interpreter \"node18\" is not found on its PATH")
        #expect(plan.request.cwd == "/home/me/web" && plan.request.env == ["A": "1", "PORT": "81"])
        #expect(plan.request.args == ["-r", "esm", "/home/me/web/src/a.js", "a", "b c"])
        #expect(plan.request.logOut == "/home/me/web/o.log" && plan.request.logErr == "/e.log")
        #expect(plan.remarked == ["node_args", "cron_restart"] && plan.wantsUp)
    }

    @Test(
        arguments: [
            ("a.js", "node"), ("a.cjs", "node"), ("a.sh", "bash"), ("a.rb", "ruby"),
            ("a.php", "php"),
            ("a.pl", "perl"), ("a.ts", "bun"), ("tool", nil), ("readme", "node"), ("a.b.sh", "bash"),
        ] as [(String, String?)]
    )
    func theEndingNamesTheInterpreter(_ script: String, _ interpreter: String?) throws {
        let plan = try plan(#"{"script": "\#(script)"}"#)
        #expect(plan.request.interpreter == interpreter && plan.request.command == "/srv/app/\(script)")
    }

    @Test func pythonIsToldNotToBuffer() throws {
        let bare = PM2App.Surroundings(folder: "/srv", home: "/", searchPath: "/nowhere") { _ in false }
        let app = PM2App(JSONObject([.init(key: "script", value: "a.py")]))
        let plan = PM2Import.plans(for: [try #require(app.process(in: bare))], at: site)[0]
        #expect(plan.request.interpreter == "python3" && plan.request.env == ["PYTHONUNBUFFERED": "1"])
    }

    @Test func aBareCommandIsLookedUp() throws {
        #expect(try plan(#"{"script": "sh", "interpreter": "none"}"#).request.command == "/bin/sh")
        #expect(try plan(#"{"script": "no-such", "interpreter": "none"}"#).request.command == "/srv/app/no-such")
    }

    @Test func instancesOfNodeAreACluster() throws {
        #expect(try plan(#"{"script": "a.js", "instances": "max"}"#).remarks[0].text.hasPrefix("cluster mode with max"))
        #expect(try plan(#"{"script": "a.js", "instances": 2, "exec_mode": "fork"}"#).remarked == ["instances"])
        #expect(try plan(#"{"script": "a.sh", "instances": 2}"#).remarked == ["instances"])
        #expect(try plan(#"{"script": "a.js", "exec_mode": "cluster"}"#).remarked == ["exec_mode"])
    }

    @Test func formsOfAFile() throws {
        #expect(try plans(#"[{"script": "a"}, {"script": "b"}]"#).map(\.name) == ["a", "b"])
        #expect(try plans(#"{"script": "a"}"#).count == 1)
        #expect(try plans(#"{"apps": {"script": "a"}}"#).count == 1)
        #expect(try plans(#"{"pm2": [{"script": "a"}]}"#).count == 1)
        let file = try PM2EcosystemFile(try JSONValue.parse(Array(#"{"apps": [], "deploy": {"x": {}}}"#.utf8)))
        #expect(file.apps.isEmpty && file.otherSections == ["deploy"])
    }

    @Test(arguments: [
        ("7", "expected an object with \"apps\", found a number"), ("{}", "\"apps\" is missing"),
        (#"{"apps": 7}"#, "apps: expected a list of apps"),
        (#"{"apps": [{"script": "a"}, 7]}"#, "apps[1]: expected an object"),
        (#"{"apps": [{"name": "x"}]}"#, "apps[0].script: missing"),
        (#"{"apps": [{"script": 7}]}"#, "apps[0].script: missing"),
    ])
    func whatIsWrongIsNamedWithItsPlace(_ text: String, _ message: String) {
        let error = #expect(throws: PM2Error.self) {
            try PM2EcosystemFile(try JSONValue.parse(Array(text.utf8)))
        }
        #expect(error?.description.hasPrefix(message) == true, "\(error.map(\.description) ?? "")")
    }
}

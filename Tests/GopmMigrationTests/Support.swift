import GopmJSON
import GopmMigration
import GopmModel
import GopmTestSupport

/// Real output of PM2 7.0.3, and an ecosystem file, beside the tests.
enum Fixture {
    static let folder = #filePath.split(separator: "/").dropLast(2).reduce("") { $0 + "/" + $1 } + "/Fixtures/pm2"

    static func bytes(_ name: String) -> [UInt8] { Array(TestFiles.text("\(folder)/\(name)").utf8) }

    static var live: [PM2Process] { PM2List.parse(output: bytes("jlist.json")) ?? [] }

    static func dump() throws -> [PM2Process] { try PM2List.parse(dump: bytes("dump.pm2")) ?? [] }
}

/// As on the machine that the fixtures are from.
let site = ImportSite(
    pm2Home: "/srv/apps/home",
    base: ["HOME": "/root", "USER": "root", "SHELL": "/bin/bash"],
    uid: 0
)

/// The plan of one process that PM2 runs with these settings.
func plan(_ settings: JSONValue, env: JSONValue = .object(JSONObject()), site: ImportSite = site) throws -> ImportPlan {
    var members: [JSONObject.Member] = [
        .init(key: "name", value: "app"), .init(key: "pm_exec_path", value: "/srv/app.js"),
        .init(key: "pm_cwd", value: "/srv"), .init(key: "exec_interpreter", value: "node"),
        .init(key: "exec_mode", value: "fork_mode"), .init(key: "status", value: "online"),
        .init(key: "env", value: env),
    ]
    for member in settings.objectValue?.members ?? [] {
        members.removeAll { $0.key == member.key }
        members.append(member)
    }
    guard let process = PM2Process(.object(JSONObject(members)), origin: .live) else {
        throw TestFailure("no process: \(settings)")
    }
    return PM2Import.plans(for: [process], at: site)[0]
}

extension ImportPlan {
    /// The fields that the remarks are about, without their values.
    var remarked: [String] {
        remarks.map { remark in String(remark.field.prefix { $0 != "=" }) }
    }

    /// As an app of an ecosystem file, without what is gopm's default.
    var app: JSONValue? {
        var json = JSONWriter()
        request.encode(into: &json)
        return try? JSONValue.parse(json.bytes)
    }
}

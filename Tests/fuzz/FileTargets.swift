import GopmJSON
import GopmMigration
import GopmModel

enum FileTargets {
    /// Config and ecosystem files: what is accepted is accepted again as it is exported.
    static func files(_ bytes: [UInt8]) {
        _ = try? Config.parse(bytes)
        guard let file = try? EcosystemFile(parsing: bytes) else { return }
        for app in file.apps { check(app) }
    }

    /// A name stays inside its folder, and the request is the same once it went through JSON.
    static func check(_ wish: StartRequest) {
        if let name = wish.name { precondition(!name.contains("/") && name != ".." && ProcessName.isValid(name)) }
        var json = JSONWriter()
        wish.encode(into: &json)
        guard let object = (try? JSONValue.parse(json.bytes))?.objectValue else { fatalError("not JSON") }
        var fields = FieldReader(object)
        precondition(StartRequest(from: &fields) == wish && fields.faults.isEmpty, "a request is not read back")
    }

    /// Output of `pm2 jlist`, dump.pm2, ecosystem files and the journal of a move: what is to be moved is a request
    /// that gopmd takes, and the dump is written as it was read.
    static func pm2(_ bytes: [UInt8]) {
        var processes = PM2List.parse(output: bytes) ?? []
        processes += (try? PM2List.parse(dump: bytes)) ?? []
        if let document = try? JSONValue.parse(bytes), let file = try? PM2EcosystemFile(document) {
            let place = PM2App.Surroundings(folder: "/srv", home: "/home/me", searchPath: "") { _ in false }
            processes += file.apps.compactMap { PM2App($0).process(in: place) }
        }
        let site = ImportSite(pm2Home: "/home/me/.pm2", base: ["HOME": "/home/me"], uid: 1000)
        for plan in PM2Import.plans(for: processes, at: site) where plan.obstacle == nil { check(plan.request) }
        if let dump = PM2Dump(parsing: bytes) { precondition(PM2Dump(parsing: dump.text)?.text == dump.text) }
        if let journal = try? MigrationJournal(parsing: bytes, path: "journal") {
            let again = try? MigrationJournal(parsing: journal.encoded, path: "journal")
            precondition(again?.encoded == journal.encoded, "a journal is not read back")
        }
    }
}

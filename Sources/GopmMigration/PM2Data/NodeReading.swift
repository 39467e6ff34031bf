import GopmJSON
import GopmSystem
import SystemPackage

/// Ecosystem files that only node can read: JavaScript, and YAML with the js-yaml that PM2 brings along.
///
/// A JavaScript file is executed by that, so it is done only with a file that was named on the command line.
struct NodeReading {
    let searchPath: String
    /// Where `require` begins to look for js-yaml.
    let pm2Program: String?

    private static let mark = "gopm-pm2-content:"

    /// A file may print what it likes: what follows the mark is ours.
    ///
    /// `import()` takes both kinds of module.
    private static let readModule = """
        const path = require('path'); const file = process.argv[1]; process.chdir(path.dirname(file));
        import(require('url').pathToFileURL(file).href).then(found => {
          console.log('\\n\(mark)' + JSON.stringify(found.default === undefined ? found : found.default));
          process.exit(0);
        }, problem => { console.error(String(problem && problem.stack || problem)); process.exit(1); });
        """

    private static let readYAML = """
        const { createRequire } = require('module'); const fs = require('fs');
        const yaml = createRequire(fs.realpathSync(process.argv[2]))('js-yaml');
        console.log('\\n\(mark)' + JSON.stringify(yaml.load(fs.readFileSync(process.argv[1], 'utf8'))));
        """

    func module(_ path: String) throws(PM2Error) -> JSONValue {
        try run([NodeReading.readModule, path], path, "is JavaScript, which node can read")
    }

    func yaml(_ path: String) throws(PM2Error) -> JSONValue {
        guard let pm2Program else {
            throw PM2Error(
                "\(path) is YAML, which is read with PM2's js-yaml, and pm2 is not on PATH; write it as JSON"
            )
        }
        return try run(
            [NodeReading.readYAML, path, pm2Program],
            path,
            "is YAML, which node can read with PM2's js-yaml"
        )
    }

    private func run(_ words: [String], _ path: String, _ what: String) throws(PM2Error) -> JSONValue {
        guard let node = Program.find("node", on: searchPath) else {
            throw PM2Error("\(path) \(what), and node is not on PATH; write it as JSON")
        }
        let run: CommandRun
        do throws(SystemError) {
            run = try CommandRun.run(node, ["-e"] + words, deadline: .seconds(30), limit: 16 << 20)
        } catch {
            throw PM2Error("\(path): node: \(error.errno == .timedOut ? "no end within 30s" : "\(error)")")
        }
        let content = run.output.split(separator: "\n").last { $0.hasPrefix(NodeReading.mark) }
        guard run.status == 0, let content else {
            let lines = run.standardError.split(whereSeparator: \.isNewline)
            let reason = lines.first { $0.contains("Error") } ?? lines.first ?? "it printed nothing"
            throw PM2Error("\(path): node cannot read it: \(reason.prefix(300))")
        }
        do {
            return try JSONValue.parse(Array(content.dropFirst(NodeReading.mark.count).utf8))
        } catch {
            throw PM2Error("\(path): its content is no data: \(error)")
        }
    }
}

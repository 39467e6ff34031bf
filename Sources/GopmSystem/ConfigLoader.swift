package import GopmModel
import SystemPackage

/// Finds and reads the config: the path of a flag, else the home's, else `/etc`, else defaults.
package enum ConfigLoader {
    package struct Loaded: Sendable {
        package var config: Config
        /// `nil` for the defaults.
        package var path: String?
        package var warnings: [Fault]
        /// The file's text; an empty object for the defaults.
        package var bytes: [UInt8]
    }

    /// Reads the config as ``load(flag:home:)`` does; one that can't be used is replaced by the last that could.
    ///
    /// For a supervisor whose programs are alive: refusing to start would leave them without one.
    package static func loadTolerant(flag: String?, home: Home) -> (loaded: Loaded, problem: ConfigProblem?) {
        do throws(ConfigProblem) {
            return (try load(flag: flag, home: home), nil)
        } catch {
            let lastGood = (try? FileSystem.read(home.lastGoodConfig)).flatMap { try? Config.parse($0).config }
            return (Loaded(config: lastGood ?? Config(), path: error.path, warnings: [], bytes: []), error)
        }
    }

    /// Keeps a config for ``loadTolerant(flag:home:)``.
    package static func keep(_ loaded: Loaded, home: Home) {
        try? FileSystem.replace(home.lastGoodConfig, with: loaded.bytes, isDurable: false)
    }

    package static let systemPath = "/etc/gopm.config.json"

    /// `flag`: The path of `--config`, which then must exist.
    package static func load(flag: String?, home: Home) throws(ConfigProblem) -> Loaded {
        let given = flag.map { PathText.normalized($0, relativeTo: FileSystem.currentFolder) }
        let candidates = given.map { [$0] } ?? [home.config, systemPath]
        for path in candidates {
            let bytes: [UInt8]
            do throws(SystemError) {
                bytes = try FileSystem.read(path, limit: 1 << 20)
            } catch {
                if flag == nil, error.errno == .noSuchFileOrDirectory { continue }
                throw ConfigProblem(path: path, error: .unreadable("\(error)"))
            }
            do throws(ConfigError) {
                let (config, warnings) = try Config.parse(bytes)
                return Loaded(config: config, path: path, warnings: warnings, bytes: bytes)
            } catch {
                throw ConfigProblem(path: path, error: error)
            }
        }
        return Loaded(config: Config(), path: nil, warnings: [], bytes: Array("{}".utf8))
    }
}

/// A config that can't be used, with the file it is in.
package struct ConfigProblem: Error, Sendable {
    package var path: String
    package var error: ConfigError

    /// One line a fault.
    package var lines: [String] {
        // It names the file itself.
        if case .unreadable(let reason) = error { return [reason] }
        return error.lines.map { "\(path): \($0)" }
    }
}

extension Config {
    /// The folder of the logs that name no path of their own.
    ///
    /// `userDirectory`: For a directory that begins with `~/`.
    package func logFolder(home: Home, userDirectory: String?) -> String {
        logs.directory.map { PathText.expandingTilde($0, home: userDirectory ?? "/") } ?? home.logs
    }
}

package import ArgumentParser
import GopmJSON
import GopmTerminal

#if canImport(Glibc)
    import Glibc
#endif

/// Parses and runs one command, and makes of every outcome an exit code and what people or scripts are told.
package enum CommandRunner {
    ///
    /// `program`: For the beginning of error lines.
    ///
    /// `arguments`: Without the program and command names.
    package static func run(
        _ command: any ParsableCommand.Type,
        program: String,
        arguments: [String],
        usageHint: String? = nil
    ) -> Never {
        let wantsJSON = arguments.prefix { $0 != "--" }.contains("--json")
        do {
            var parsed = try command.parseAsRoot(arguments)
            try parsed.run()
            exit(ExitReason.done.rawValue)
        } catch let failure as CommandFailure {
            report(failure, program: program, wantsJSON: wantsJSON)
        } catch {
            let code = command.exitCode(for: error)
            guard code != .success else {
                let text = command.fullMessage(for: error)
                Console.out(text.hasSuffix("\n") ? String(text.dropLast()) : text)
                exit(ExitReason.done.rawValue)
            }
            let name = command.configuration.commandName ?? ""
            let fault = UsageFault(command.message(for: error))
            var lines = fault.text.split(separator: "\n").map(String.init)
            if !wantsJSON {
                if let usageHint, !fault.isOfValue, !arguments.contains("--") { lines.append(usageHint) }
                lines.append("See: \(name == program ? program : "\(program) \(name)") --help")
            }
            report(CommandFailure(.usage, lines), program: program, wantsJSON: wantsJSON)
        }
    }

    /// Says why, and ends.
    package static func report(_ failure: CommandFailure, program: String, wantsJSON: Bool) -> Never {
        if wantsJSON {
            if let json = failure.json {
                Console.json(json)
            } else if !failure.lines.isEmpty {
                Console.json { json in json.object { $0.member("error", failure.lines.joined(separator: "\n")) } }
            }
        } else {
            for (index, line) in failure.lines.enumerated() {
                let safe = DisplayText.sanitized(line)
                Console.error(index == 0 ? "\(program): \(safe)" : "  \(safe)")
            }
        }
        exit(failure.reason.rawValue)
    }
}

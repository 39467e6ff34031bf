/// What fingers type that know PM2 or supervisorctl, and what does it here.
///
/// None of it is an alias: it would be a second way to do a thing.
enum Habits {
    /// What to type instead of a command that gopm does not have.
    static func instead(of command: String) -> String? {
        commands[command]
    }

    /// The first argument that is a flag of theirs and none of this command, and what to do here.
    static func refusal(_ command: String, _ arguments: [String]) -> String? {
        guard let known = flags(of: command) else { return nil }
        for argument in arguments.prefix(while: { $0 != "--" }) where argument.hasPrefix("-") {
            let flag = String(argument.prefix { $0 != "=" })
            if let advice = known[flag] { return "\(command) has no \(flag): \(advice)" }
        }
        return nil
    }

    /// What to do with a configuration of theirs; `nil` for other files.
    static func reading(of file: String) -> String? {
        if [".config.js", ".config.cjs", ".config.mjs", ".yml", ".yaml"].contains(where: file.hasSuffix) {
            return "\(file) may be a file of PM2; gopm pm2 --from \(file) starts what is in it (--dry shows it first)"
        }
        if [".conf", ".ini"].contains(where: file.hasSuffix) {
            return "\(file) is no ecosystem file; these are JSON (man gopm-ecosystem, or: gopm export --full)"
        }
        return nil
    }

    private static let commands = [
        "l": "gopm list", "ps": "gopm list", "avail": "gopm list", "id": "gopm list",
        "jlist": "gopm list --json", "prettylist": "gopm list --json",
        "show": "gopm describe NAME", "info": "gopm describe NAME", "desc": "gopm describe NAME",
        "env": "gopm describe NAME",
        "monit": "gopm gui", "imonit": "gopm gui", "dash": "gopm gui",
        "log": "gopm logs NAME, -f goes on", "tail": "gopm logs NAME, -f goes on", "fg": "gopm logs NAME -f",
        "maintail": "gopm logs --daemon", "clear": "gopm flush NAME", "reloadLogs": "not needed, gopm rotates logs",
        "startup": "sudo gopm install", "unstartup": "sudo gopm uninstall",
        "add": "gopm start FILE", "remove": "gopm delete NAME", "rm": "gopm delete NAME",
        "reload": "gopm restart NAME; a new daemon: gopm reboot",
        "reread": "gopm start FILE reads a file when you say so",
        "update": "gopm start FILE for new programs; a new daemon: gopm reboot",
        "reset": "gopm restart NAME", "shutdown": "gopm kill", "dump": "gopm save",
        "signal": "kill -SIGNAL PID, with the PID of gopm list",
        "sendSignal": "kill -SIGNAL PID, with the PID of gopm list",
        "scale": "a process is one program; start it again with another --name",
        "ecosystem": "gopm export --full > ecosystem.json", "init": "gopm export --full > ecosystem.json",
        "deploy": "nothing like it", "serve": "nothing like it", "link": "nothing like it", "plus": "nothing like it",
    ]

    /// Only those of the command that was typed are made: most commands have none.
    private static func flags(of command: String) -> [String: String]? {
        switch command {
        case "start": startFlags
        case "restart":
            ["--update-env": "a program has what --env declared; to change it, gopm delete NAME and start it anew"]
        case "logs": ["--nostream": "without -f it ends by itself"]
        case "save": ["--force": "the list is saved by itself after every change"]
        default: nil
        }
    }

    private static let startFlags = [
        "-i": oneProgram, "--instances": oneProgram,
        "-n": "--name", "-o": "--log-out", "--output": "--log-out", "-e": "--log-err", "--error": "--log-err",
        "-l": "--log-out and --log-err, with the same file", "--log": "--log-out and --log-err, with the same file",
        "--time": "every line of a log has a time", "-f": "another --name starts a program again",
        "--force": "another --name starts a program again",
        "--watch": "changed files restart nothing; gopm restart does",
        "--max-memory-restart": "gopm sets no limit on memory",
        "-c": "what belongs to the program goes after --; a schedule is for crontab -e, with gopm restart NAME",
        "--cron": "put gopm restart NAME into crontab -e",
        "--cron-restart": "put gopm restart NAME into crontab -e",
        "--no-autorestart": "--autorestart never", "--stop-exit-codes": "--no-restart-on-exit",
        "--exp-backoff-restart-delay": "--restart-delay TIME --exp-backoff",
        "--node-args": nodeFlags, "--interpreter-args": nodeFlags,
        "--only": "a file is started as a whole; what runs already is left alone",
        "--update-env": "a program gets what --env declares",
        "--no-daemon": "gopmd itself stays in the foreground",
        "--user": userOfDaemon, "--uid": userOfDaemon, "-u": userOfDaemon,
    ]

    private static let oneProgram = "a process is one program; start it again with another --name"
    private static let nodeFlags = "gopm start node --name NAME -- --flag app.js"
    private static let userOfDaemon = "a program runs as the user who types this; sudo -u NAME gopm start …"
}

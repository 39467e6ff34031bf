extension OptionTable {
    /// Reads `--name`, `--name value` and `--name=value`.
    static func apply(_ arguments: some Collection<String>, to plan: inout Plan) throws(UsageError) {
        var rest = Array(arguments)[...]
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let attached = parts.count == 2 ? parts[1] : nil
            guard let option = all.first(where: { "--\($0.name)" == parts[0] }) else {
                throw UsageError(message: "unknown option '\(argument)'")
            }
            switch option.value {
            case .none(let set):
                guard attached == nil else { throw UsageError(message: "--\(option.name) takes no value") }
                set(&plan)
            case .required(let parseAndSet):
                guard let text = attached ?? rest.popFirst() else {
                    throw UsageError(message: "a value is missing: \(option.usage)")
                }
                do {
                    try parseAndSet(&plan, text)
                } catch {
                    throw UsageError(message: "--\(option.name): \(error.message)")
                }
            case .optional(let set):
                let isFollowedByValue = rest.first.map { !$0.hasPrefix("--") } ?? false
                set(&plan, attached ?? (isFollowedByValue ? rest.popFirst() : nil))
            }
        }
    }

    static func printHelp() {
        var text = "testapp: misbehaves on request. Without a reason to stay it exits 0 after its acts.\n"
        text += "DUR like 500ms, 2s, 1m30s; SIZE like 4096, 64K, 10MB (1K = 1024). Options combine.\n\n"
        let width = all.map(\.usage.count).max() ?? 0
        for option in all {
            text += "  \(option.usage)\(String(repeating: " ", count: width - option.usage.count))  \(option.help)\n"
        }
        Output.standard.write(text)
    }
}

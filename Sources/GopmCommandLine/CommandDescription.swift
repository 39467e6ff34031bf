package import ArgumentParser
import GopmModel

extension CommandConfiguration {
    /// The configuration of a command of gopm.
    ///
    /// `operands`: What the usage line names beside options.
    package static func command(
        _ name: String,
        _ operands: String = "",
        abstract: String,
        discussion: String = "",
        aliases: [String] = []
    ) -> CommandConfiguration {
        CommandConfiguration(
            commandName: name,
            _superCommandName: "gopm",
            abstract: abstract,
            usage: usage("gopm \(name)", operands),
            discussion: discussion,
            aliases: aliases
        )
    }

    /// The configuration of a program that is one command.
    ///
    /// ArgumentParser tries two hidden commands first, for completion scripts, unless the command is part of another
    /// (`_superCommandName`): a third of a millisecond at every start for what is almost never asked.
    package static func helper(
        _ name: String,
        _ operands: String,
        abstract: String,
        discussion: String
    ) -> CommandConfiguration {
        var configuration = CommandConfiguration(
            commandName: name,
            abstract: abstract,
            usage: usage(name, operands),
            discussion: discussion,
            version: GopmVersion.text
        )
        let askingForText = ["--help", "-h", "help", "--generate-completion-script", "--experimental-dump-help"]
        let asksForText = CommandLine.arguments.contains { argument in
            askingForText.contains { argument == $0 || argument.hasPrefix($0 + "=") }
        }
        if !asksForText { configuration._superCommandName = "" }
        return configuration
    }

    /// Options are listed below it, so that each of these lines fits a terminal.
    private static func usage(_ name: String, _ operands: String) -> String {
        "\(name) [<options>]\(operands.isEmpty ? "" : " ")\(operands)"
    }
}

/// Words for processes, the same in every command.
extension ArgumentHelp {
    package static var process: ArgumentHelp { ArgumentHelp("Name or id.", valueName: "name|id") }

    package static var processOrAll: ArgumentHelp { ArgumentHelp("Name or id, or all.", valueName: "name|id|all") }

    package static var processesOrAll: ArgumentHelp {
        ArgumentHelp("Names or ids, or all.", valueName: "name|id|all")
    }
}

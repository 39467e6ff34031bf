package import ArgumentParser
import GopmModel

extension CommandConfiguration {
    /// The configuration of a program that is one command.
    ///
    /// ArgumentParser tries two hidden commands first, for completion scripts, unless the command is part of another
    /// (`_superCommandName`): a third of a millisecond at every start for what is almost never asked.
    package static func helper(_ name: String, abstract: String, discussion: String) -> CommandConfiguration {
        var configuration = CommandConfiguration(
            commandName: name,
            abstract: abstract,
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
}

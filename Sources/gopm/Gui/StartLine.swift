import ArgumentParser
import GopmClient
import GopmCommandLine
import GopmModel
import GopmScreen
import GopmSystem
import GopmTerminal

/// A line of the gui's start prompt: what could stand after `gopm start`.
enum StartLine {
    static func request(_ line: String) throws(CommandFailure) -> StartRequest {
        guard let words = ShellWords.split(line) else { throw CommandFailure("a quote is not closed") }
        let command: StartCommand
        do {
            guard let parsed = try StartCommand.parseAsRoot(words) as? StartCommand else {
                throw CommandFailure("such flags do not go here")
            }
            command = parsed
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure(StartCommand.message(for: error))
        }
        if command.target.hasSuffix(".json"), command.flags.interpreter == nil {
            throw CommandFailure("ecosystem files start in a shell: gopm start \(command.target)")
        }
        return try command.request()
    }

    static func outcome(_ result: Result<[UInt8], ClientError>) -> Result<String, GuiModel.StartProblem> {
        switch result {
        case .failure(let error): return .failure(.init(text: error.description))
        case .success(let data):
            guard let record = try? RecordReading.first(data) else { return .success("started") }
            return .success("started \(record.spec.name) (id \(record.id), PID \(record.pid))")
        }
    }
}

/// Names in a folder, for completion.
enum FolderNames {
    /// The names with a slash after folders; empty if it can't be read.
    ///
    /// `folder` is as it was typed.
    static func list(_ folder: String, home: String) -> [String] {
        let expanded = PathText.expandingTilde(folder, home: home)
        let path = PathText.normalized(expanded, relativeTo: FileSystem.currentFolder)
        return FileSystem.names(in: path).map { FileSystem.isFolder("\(path)/\($0)") ? $0 + "/" : $0 }
    }
}

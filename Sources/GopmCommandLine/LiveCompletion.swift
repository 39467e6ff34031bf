package import ArgumentParser

/// What only the running system knows of the words for an argument.
///
/// The scripts in `Completions` ask `gopm __complete` for them at each Tab.
package enum LiveCompletion: String, CaseIterable, Sendable {
    case processes
    case processesOrAll = "processes-or-all"
    /// Processes that are not online; the scripts add files, as `start` takes both.
    case startable
    case pids

    package static let command = "__complete"
}

extension CompletionKind {
    package static func live(_ kind: LiveCompletion) -> CompletionKind {
        .shellCommand("gopm \(LiveCompletion.command) \(kind.rawValue)")
    }
}

/// What the command line asks for: settings, and acts that read them when all options are known.
struct Plan: Sendable {
    typealias Act = @Sendable (Plan) -> Void

    /// Run one after the other on the main thread, in the order of the command line.
    var acts: [Act] = []
    /// Run side by side, each on its own thread, once `acts` are done; none of them returns of itself.
    var lastingActs: [Act] = []

    /// Whether something was asked for that makes sense only in a program that stays.
    var stays = false
    var ending: Ending?
    /// Counted from the start of the program.
    var endsAfter: Duration?
    var exitCode: Int32?

    var signals = SignalHandling.Settings()
    var lines = NumberedLines.Settings()
    var stdoutMessage = "hello from testapp"
    var stderrMessage = "error from testapp"
    var childIgnoresSigterm = false
    /// Shown in the command line of grandchildren too, so that a test finds its own.
    var marker: String?

    init(arguments: some Collection<String>) throws(UsageError) {
        try OptionTable.apply(arguments, to: &self)
    }

    var isToEndAfterItsActs: Bool { endsAfter == nil && (ending != nil || !stays) }

    mutating func addLastingAct(_ act: @escaping Act) {
        lastingActs.append(act)
        stays = true
    }
}

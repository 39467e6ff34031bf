import Glibc

/// A program that misbehaves on request, for the tests of a process manager.
///
/// The command line is a table of options (`OptionTable.swift`) that fill in a `Plan`. The acts of the plan run in the
/// order in which they were given, the lasting ones beside each other on threads of their own, and the main thread
/// then waits for the end that was asked for.
@main
enum TestApp {
    static func main() {
        let plan: Plan
        do {
            plan = try Plan(arguments: CommandLine.arguments.dropFirst())
        } catch {
            Output.error.line("testapp: \(error.message) (see testapp --help)")
            _exit(64)  // EX_USAGE
        }

        SignalHandling.begin(plan)
        if let delay = plan.endsAfter {
            Background.run { plan.end(after: delay) }
        }
        for act in plan.acts { act(plan) }
        for act in plan.lastingActs { Background.run { act(plan) } }

        if plan.isToEndAfterItsActs { plan.end() }
        while true { pause() }
    }
}

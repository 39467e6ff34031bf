#if canImport(Glibc)
    import Glibc
#endif

/// libFuzzer (compiler-rt) as a library: SwiftPM gives every program a main function, so its own can't be used.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// `fuzz TARGET [libFuzzer's arguments]`; without a target it names them.
@main
enum Fuzz {
    /// What is attacked, and what must hold whatever comes; Documentation/Testing.md has a row for each.
    static let targets: [(name: String, body: @Sendable ([UInt8]) -> Void)] = [
        ("json", JSONTargets.json), ("request", WireTargets.request), ("keeper", WireTargets.keeper),
        ("state", StateTargets.state), ("history", StateTargets.history), ("files", FileTargets.files),
        ("pm2", FileTargets.pm2), ("procfs", SystemTargets.procfs), ("sockets", SystemTargets.sockets),
        ("values", ValueTargets.values), ("metrics", ValueTargets.metrics), ("text", TerminalTargets.text),
        ("keys", TerminalTargets.keys), ("stamper", LogTargets.stamper), ("logs", LogTargets.logs),
        ("mcp", MCPTargets.messages), ("http", MCPTargets.headers),
    ]

    fileprivate nonisolated(unsafe) static var chosen: ([UInt8]) -> Void = { _ in }

    static func main() {
        guard CommandLine.argc > 1, let target = targets.first(where: { $0.name == CommandLine.arguments[1] }) else {
            print(targets.map(\.name).joined(separator: "\n"))
            return
        }
        chosen = target.body
        // The driver takes the rest, with the program's name before it.
        var count = CommandLine.argc - 1
        var arguments = CommandLine.unsafeArgv + 1
        arguments[0] = CommandLine.unsafeArgv[0]
        exit(runDriver(&count, &arguments) { fuzz($0, $1) })
    }
}

/// Reads one input; the name is one that libFuzzer's own main function, which is linked but not used, wants.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    Fuzz.chosen([UInt8](UnsafeBufferPointer(start: start, count: count)))
    return 0
}

/// Numbers to steer a target with, taken from the end of its input so that the text at its beginning stays text.
struct Choices {
    private(set) var bytes: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        self.bytes = bytes[...]
    }

    /// 0 when there is no more input.
    mutating func number(below limit: Int) -> Int {
        let high = Int(bytes.popLast() ?? 0)
        return (high << 8 | Int(bytes.popLast() ?? 0)) % limit
    }
}

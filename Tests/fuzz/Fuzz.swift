import GopmJSON
import GopmModel
import GopmSystem
import GopmTerminal
import GopmWire

@testable import GopmProcfs

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

@main
enum Fuzz {
    static func main() {
        var count = CommandLine.argc
        var arguments = CommandLine.unsafeArgv
        exit(runDriver(&count, &arguments) { fuzz($0, $1) })
    }
}

/// Reads one input: its first byte chooses what reads the rest.
///
/// Nothing that a parser answers is wrong here; it may only not trap, hang or eat memory. The name is one that
/// libFuzzer's own main function, which is linked but not used, wants.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let input = [UInt8](UnsafeBufferPointer(start: start, count: count))
    guard let choice = input.first else { return 0 }
    let bytes = Array(input.dropFirst())
    switch choice % 6 {
    case 0: procfs(bytes)
    case 1: for table in SocketTable.allCases { _ = table.sockets(in: bytes) { _ in true } }
    case 2: json(bytes)
    case 3: _ = try? Request(parsing: bytes)
    case 4: texts(bytes)
    default: records(bytes)
    }
    return 0
}

private func procfs(_ bytes: [UInt8]) {
    if let stat = ProcStat(parsing: bytes) {
        _ = (ProcessTimes.nanoseconds(stat.startTicks), TerminalName.text(stat.terminal))
    }
    let keyed = KeyedFile(parsing: bytes)
    _ = (keyed.bytes("VmRSS"), keyed.numbers("Uid"), keyed.mask("CapEff"), keyed.text("Name"))
    _ = (LimitsFile(parsing: bytes).lifeID, CgroupFile.parse(bytes), AccountNames.parse(bytes))
    _ = (ProcessCommand(bytes).text, ProcessInspection.parseEnvironment(bytes))
    _ = (OpenFile.kind(bytes) { nil }, SecurityProfile.inode(bytes))
}

/// What is read is written, and what was written reads as the same text again (2.5e3 comes back as 2500).
private func json(_ bytes: [UInt8]) {
    guard let value = try? JSONValue.parse(bytes) else { return }
    let text = value.encoded
    guard let again = try? JSONValue.parse(text), again.encoded == text else {
        fatalError("not read back: \(String(decoding: text, as: UTF8.self))")
    }
    precondition((try? JSONValue.parse(JSONFormatter.indented(bytes))) == value, "changed by indenting")
}

/// Nothing that is shown may hold a control character.
private func texts(_ bytes: [UInt8]) {
    let shown = DisplayText.sanitized(bytes: bytes)
    precondition(shown.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }, "a control character is shown")
    let text = String(decoding: bytes, as: UTF8.self)
    _ = (
        shown.displayWidth, DurationText.parse(text), Timestamp(rfc3339: text),
        PathText.normalized(text, relativeTo: "/")
    )
}

private func records(_ bytes: [UInt8]) {
    guard let document = try? JSONValue.parse(bytes) else { return }
    for object in document.arrayValue?.compactMap(\.objectValue) ?? [document.objectValue].compactMap({ $0 }) {
        var fields = FieldReader(object)
        _ = ProcessRecord(from: &fields)
        var wish = FieldReader(object)
        _ = StartRequest(from: &wish)
    }
    _ = try? EcosystemFile(parsing: bytes)
    _ = try? Config.parse(bytes)
}

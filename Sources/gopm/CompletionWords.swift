import GopmCommandLine
import GopmModel
import GopmSystem
import GopmTerminal

#if canImport(Glibc)
    import Glibc
#endif

/// The hidden `gopm __complete KIND [WORD]`: possible words, one a line, each with a tab and what it is.
///
/// It runs at every press of Tab, so it starts no daemon and asks none, and says nothing when something is amiss.
enum CompletionWords {
    static func print(_ arguments: [String]) {
        guard let kind = arguments.first.flatMap(LiveCompletion.init(rawValue:)) else { return }
        let begun = arguments.count > 1 ? arguments[1] : ""
        let lines = words(kind, begun).filter { $0.word.hasPrefix(begun) }
            .map { "\($0.word)\t\(DisplayText.sanitized($0.meaning))" }
        if !lines.isEmpty { Console.out(lines.joined(separator: "\n")) }
    }

    private typealias Word = (word: String, meaning: String)

    private static func words(_ kind: LiveCompletion, _ begun: String) -> [Word] {
        switch kind {
        case .pids: pids
        case .processes: processes(begun)
        case .processesOrAll: processes(begun) + [("all", "every process")]
        case .startable: processes(begun) { !$0.isOnline }
        }
    }

    /// Names; ids too, once a digit shows that they are meant.
    private static func processes(_ begun: String, where isWanted: (SavedProcess) -> Bool = { _ in true }) -> [Word] {
        let home = Home(environment: Environment.value)
        // A name that gopm would not have given is none that a shell should be handed.
        let saved = ((try? SavedProcesses.read(home)) ?? []).filter { ProcessName.isValid($0.name) && isWanted($0) }
        let names = saved.map { ($0.name, $0.command) }
        guard begun.utf8.first?.decimalDigit != nil else { return names }
        return names + saved.map { ("\($0.id)", $0.name) }
    }

    /// All processes but the kernel's own.
    private static var pids: [Word] {
        guard let folder = opendir("/proc") else { return [] }
        defer { closedir(folder) }
        var words: [Word] = []
        while let entry = readdir(folder) {
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { $0.prefix { $0 != 0 }.map(\.self) }
            let name = String(decoding: bytes, as: UTF8.self)
            guard let pid = Int32(name), let stat = ProcStat.read(pid), !stat.isKernelThread else { continue }
            words.append((name, DisplayText.sanitized(bytes: stat.name)))
        }
        return words
    }
}

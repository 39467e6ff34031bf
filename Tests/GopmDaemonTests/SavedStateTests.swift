import GopmModel
import GopmSystem
import Testing

@testable import GopmDaemon

#if canImport(Glibc)
    import Glibc
#endif

/// Files of the home that are not what they should be: nothing waits, nothing is overwritten, nothing overflows.
@Suite struct SavedStateTests {
    private func withHome(_ body: (Home) throws -> Void) throws {
        var name = Array("/tmp/gopm-state-XXXXXX".utf8CString)
        let home = Home(path: String(cString: try #require(mkdtemp(&name))))
        defer {
            for folder in [home.run, home.path] {
                for name in FileSystem.names(in: folder) { remove(folder + "/" + name) }
            }
            rmdir(home.path)
        }
        try home.create()
        try body(home)
    }

    private func put(_ text: String, _ path: String) throws {
        try FileSystem.replace(path, with: Array(text.utf8), isDurable: false)
    }

    @Test func aNextIDThatIsNoneIsPassedOver() throws {
        try withHome { home in
            try put(#"[{"id":4,"name":"a","command":"/a"}]"#, home.dump)
            try put("\(Int.max)", home.run + "/next-id")
            #expect(SavedState(home: home, now: Timestamp(nanoseconds: 0)).nextID == 5)
        }
    }

    @Test func aDumpLargerThanMemoryIsSetAside() throws {
        try withHome { home in
            try put("", home.dump)
            #expect(truncate(home.dump, 1 << 42) == 0)
            let state = SavedState(home: home, now: Timestamp(nanoseconds: 0))
            #expect(state.records.isEmpty)
            #expect(state.remarks.first?.contains("set aside") == true)
        }
    }

    @Test func aFIFOInPlaceOfAFileHoldsNothingUp() throws {
        try withHome { home in
            for name in [home.dump, home.run + "/journal", home.run + "/history"] { #expect(mkfifo(name, 0o600) == 0) }
            #expect(SavedState(home: home, now: Timestamp(nanoseconds: 0)).records.isEmpty)
            let history = HistoryFile(path: home.run + "/history", bootID: 1)
            history.read { _ in Issue.record("an entry of nothing") }
            #expect(history.append([UInt8](repeating: 0, count: 16), isSnapshot: true) != nil)
        }
    }
}

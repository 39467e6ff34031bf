import GopmSystem
import SystemPackage
import Testing

@testable import GopmProcfs

#if canImport(Glibc)
    import Glibc
#endif

/// Reading, from a `/proc` of the tests' own and from the real one.
@Suite struct ProcTreeTests {
    /// A folder of processes with these parents.
    private func withProc(_ parents: [Int32: Int32], _ body: (String) throws -> Void) rethrows {
        let root = "/tmp/gopm-proc-\(UInt64.random(in: 0 ... .max))"
        mkdir(root, 0o755)
        for (pid, parent) in parents {
            mkdir("\(root)/\(pid)", 0o755)
            let zeros = [String](repeating: "0", count: 17).joined(separator: " ")
            write("\(pid) (p\(pid)) S \(parent) \(zeros) 7 0 0\n", to: "\(root)/\(pid)/stat")
            write("Uid:\t5\t6\t5\t5\n", to: "\(root)/\(pid)/status")
            write("", to: "\(root)/\(pid)/cmdline")
        }
        defer {
            for pid in parents.keys {
                for name in ["stat", "status", "cmdline"] { unlink("\(root)/\(pid)/\(name)") }
                rmdir("\(root)/\(pid)")
            }
            rmdir(root)
        }
        try body(root)
    }

    private func write(_ text: String, to path: String) {
        let descriptor = open(path, O_WRONLY | O_CREAT, 0o644)
        _ = text.withCString { Glibc.write(descriptor, $0, strlen($0)) }
        close(descriptor)
    }

    @Test func parentsAboveAndEverythingBelow() {
        withProc([1: 0, 10: 1, 11: 1, 20: 10, 30: 20, 31: 20, 40: 31, 50: 11]) { root in
            let family = ProcessFamily(of: 20, root: root)
            #expect(family.members.map(\.pid) == [1, 10, 20, 30, 31, 40])
            #expect(family.members.map(\.depth) == [0, 1, 2, 3, 3, 4])
            #expect(family.chain.map(\.pid) == [1, 10, 20])
            #expect(
                family.members.map(\.relation.rawValue).suffix(4) == ["self", "descendant", "descendant", "descendant"]
            )
            #expect(family.members.allSatisfy { $0.uid == 6 && $0.command == "[p\($0.pid)]" })
        }
    }

    /// Where the kernel tells the children of a process, nothing else is looked at.
    @Test func childrenAreThoseThatTheThreadsName() {
        withProc([1: 0, 10: 1, 20: 10, 30: 20, 31: 20, 40: 10]) { root in
            for (thread, children) in [(20, "30 "), (21, "31 "), (30, ""), (31, "")] {
                let process = thread == 21 ? 20 : thread
                mkdir("\(root)/\(process)/task", 0o755)
                mkdir("\(root)/\(process)/task/\(thread)", 0o755)
                write(children, to: "\(root)/\(process)/task/\(thread)/children")
            }
            defer {
                for (process, thread) in [(20, 20), (20, 21), (30, 30), (31, 31)] {
                    unlink("\(root)/\(process)/task/\(thread)/children")
                    rmdir("\(root)/\(process)/task/\(thread)")
                    rmdir("\(root)/\(process)/task")
                }
            }
            // With no end of its own this one can only be passed over.
            write("40 (torn", to: "\(root)/40/stat")
            let family = ProcessFamily(of: 20, root: root)
            #expect(family.members.map(\.pid) == [1, 10, 20, 30, 31])
            #expect(family.members.map(\.parent) == [0, 1, 10, 20, 20])
        }
    }

    @Test func aCircleEnds() {
        withProc([5: 6, 6: 7, 7: 5]) { root in
            let family = ProcessFamily(of: 5, root: root)
            #expect(Set(family.members.map(\.pid)) == [5, 6, 7])
        }
    }

    @Test func aBombOfForksIsCut() {
        var parents: [Int32: Int32] = [1: 0]
        for pid in 2...1301 { parents[Int32(pid)] = 1 }
        withProc(parents) { root in
            let family = ProcessFamily(of: 1, root: root)
            #expect(family.members.count == 1001 && family.omitted == 300)
        }
    }

    @Test func ourselves() throws {
        let inspection = try ProcessInspection(getpid(), sections: Set(ProcessInspection.Section.allCases))
        #expect(inspection.identity.parent == getppid())
        #expect(inspection.identity.uid == UInt64(geteuid()))
        #expect(inspection.environment?.value?.contains { $0.name == "PATH" } == true)
        #expect(inspection.resources?.resident ?? 0 > 1 << 20)
        #expect(inspection.files?.value?.contains { $0.number == 1 } == true)
        #expect(inspection.identity.namespacePIDs.last == UInt64(getpid()))
    }

    @Test func nobodyHasThatPID() {
        #expect(throws: Errno.noSuchFileOrDirectory) { try ProcessInspection(4_194_305, sections: []) }
    }
}

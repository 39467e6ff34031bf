import CLinux
import SystemPackage
import Testing

@testable import GopmSystem

#if canImport(Glibc)
    import Glibc
#endif

/// Children that begin with our own descriptors, more of them at once than have a place.
struct SpawnTests {
    private struct Child {
        let spawned: SpawnedChild
        let output: Int32
    }

    private static func start(_ words: [String], from slots: SpawnSlots) throws -> Child {
        var output: [Int32] = [-1, -1]
        try #require(gopm_pipe(&output) == 0)
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { for descriptor in [null, output[1]] { close(descriptor) } }
        var request = SpawnRequest(
            path: words[0],
            arguments: words,
            environment: [],
            workingDirectory: "/",
            lifeID: .max
        )
        request.standard = (null, output[1], null)
        return Child(spawned: try spawn(request, from: slots), output: output[0])
    }

    private static func waitForEnd(of descriptors: Int32...) -> Int32 {
        var requests = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        return poll(&requests, nfds_t(requests.count), 60_000)
    }

    private static func end(_ child: Child) {
        _ = waitForEnd(of: child.spawned.pidfd)
        var code: Int32 = 0
        var value: Int32 = 0
        #expect(gopm_reap(child.spawned.pidfd, &code, &value) == 1)
        for descriptor in [child.spawned.pidfd, child.output] { close(descriptor) }
    }

    @Test func eachOfManyWritesToItsOwnDescriptor() throws {
        let slots = try SpawnSlots()
        let children = try (0..<100).map { try Self.start(["/bin/echo", "child \($0)"], from: slots) }
        for (index, child) in children.enumerated() {
            // A report whose other end is still in a place here has no end.
            while child.spawned.readReport() == .pending {
                #expect(Self.waitForEnd(of: child.spawned.report, slots.event) >= 1)
                slots.reclaim()
            }
            #expect(child.spawned.readReport() == .executed)
            child.spawned.end()
            #expect(Self.waitForEnd(of: child.output) == 1)
            var buffer = [UInt8](repeating: 0, count: 64)
            let count = read(child.output, &buffer, buffer.count)
            #expect(String(decoding: buffer[..<max(count, 0)], as: UTF8.self) == "child \(index)\n")
            Self.end(child)
        }
    }

    @Test func placesOfChildrenThatAreKilledOnTheirWayAreFreeAgain() throws {
        let slots = try SpawnSlots()
        for _ in 0..<200 {
            let child = try Self.start(["/bin/true"], from: slots)
            _ = gopm_pidfd_send_signal(child.spawned.pidfd, SIGKILL)
            Self.end(child)
            // However far it came.
            #expect(child.spawned.readReport(hasEnded: true) == .executed)
            child.spawned.end()
        }
        let child = try Self.start(["/bin/does-not-exist"], from: slots)
        _ = Self.waitForEnd(of: child.spawned.report)
        #expect(
            child.spawned.readReport() == .failed(SpawnFailure(stage: .exec, errno: .noSuchFileOrDirectory))
        )
        child.spawned.end()
        Self.end(child)
    }
}

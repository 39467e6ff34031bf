import CLinux
import GopmSystem

#if canImport(Glibc)
    import Glibc
#endif

/// A set of descriptors that was held for us.
package struct HeldDescriptors: Sendable, Hashable {
    package var name: String
    /// Close-on-exec and the receiver's own.
    ///
    /// Empty if this process had no descriptor free: the keeper still holds them.
    package var descriptors: [Int32]

    package init(name: String, descriptors: [Int32]) {
        self.name = name
        self.descriptors = descriptors
    }
}

extension KeeperClient {
    /// Tells a running keeper that this process is the supervisor now, and asks for all that it holds.
    ///
    /// The keeper goes on holding it until told otherwise.
    ///
    /// - Parameters:
    ///   - home: An absolute path.
    ///   - command: What starts gopmd again, from now on; empty leaves that as it was. The executable may have moved in
    ///     an upgrade.
    ///   - limit: In nanoseconds, for all of it. This call waits.
    /// - Returns: The client, and the sets in the order in which they were stored.
    /// - Throws: `.notRunning` if there is none, `.noAnswer` if it takes longer.
    package static func connectAndFetch(
        home: String,
        command: [String] = [],
        waitingAtMost limit: Int64 = 1_000_000_000
    ) throws(KeeperError) -> (client: KeeperClient, held: [HeldDescriptors]) {
        let address = KeeperSocket(home: home)
        let deadline = Clock.boot + limit
        let socket = try connect(to: address, until: deadline)
        var takeover = KeeperTakeover(
            channel: KeeperChannel(descriptor: socket),
            path: address.path,
            deadline: deadline
        )
        let client: KeeperClient
        do throws(KeeperError) {
            client = try takeover.run(command: command)
        } catch {
            for set in takeover.held { closeAll(set.descriptors) }
            throw error
        }
        return (client, takeover.held)
    }

    private static func connect(to address: KeeperSocket, until deadline: Int64) throws(KeeperError) -> Int32 {
        while true {
            do throws(KeeperError) {
                return try address.connect()
            } catch {
                guard error.code == .noAnswer, Clock.boot < deadline else { throw error }
                // Its queue is full (EAGAIN), and no event tells when a place is free: connect(2) of a Unix socket is
                // never under way, so there is nothing to poll.
                usleep(KeeperTakeover.pause)
            }
        }
    }

    /// Starts a keeper that is nobody's child, in the place of any before.
    ///
    /// Only for when `connectAndFetch` has found none that answers, and with gopmd's lock held, so that there are not
    /// two that do this. Its socket listens when this returns. Waits for the new process to be executed, about a
    /// millisecond.
    ///
    /// - Parameters:
    ///   - executable: gopmd's path, for the keeper and for the gopmd that it starts.
    ///   - home: An absolute path; its `run` folder exists.
    ///   - arguments: Those of gopmd, without its name. What they say about paths must be absolute.
    ///   - openFiles: The soft limit with which gopmd itself was started, for the next gopmd; nil: the present one.
    ///   - fileMask: Likewise the umask.
    /// - Throws: `.system` if the socket can't be made or the program can't be executed.
    package static func launch(
        executable: String,
        home: String,
        arguments: [String],
        openFiles: UInt64? = nil,
        fileMask: UInt32? = nil
    ) throws(KeeperError) {
        let listener = try KeeperSocket(home: home).listen()
        defer { close(listener) }
        let command = KeeperServer.arguments(executable: executable, home: home, daemonArguments: arguments)
        let start = DetachedStart(
            command: command,
            passed: listener,
            forksTwice: true,
            openFiles: openFiles,
            fileMask: fileMask
        )
        guard start.run() != nil else {
            let error = KeeperError(.system, "start", executable, .last)
            unlink(KeeperSocket(home: home).path)
            throw error
        }
    }
}

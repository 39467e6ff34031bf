import Glibc

extension DaemonFixture {
    /// Where an ordinary user finds testapp, see ``becomeOrdinaryUser()``.
    package var testapp: String { "\(folder)/bin/testapp" }

    /// From now on `gopm` runs as a user without rights over cgroups or other users' processes.
    ///
    /// Called before a daemon runs. For root that is `nobody`, by setpriv(1) of util-linux; anybody else is ordinary
    /// already. The programs are copied, as that user may not reach the folder that they were built in.
    package func becomeOrdinaryUser() throws {
        let bin = "\(folder)/bin"
        mkdir(bin, 0o755)
        for program in ["gopm", "gopmd", "testapp"] {
            let bytes = TestFiles.read("\(Programs.folder)/\(program)") ?? []
            guard !bytes.isEmpty else { throw TestFailure("no \(program) in \(Programs.folder)") }
            try TestFiles.write(bytes, to: "\(bin)/\(program)", mode: 0o755)
        }
        gopm = ["\(bin)/gopm"]
        guard geteuid() == 0 else { return }
        guard access("/usr/bin/setpriv", X_OK) == 0 else {
            throw TestFailure("setpriv is missing: apt-get install util-linux")
        }
        let nobody: uid_t = 65534
        chmod(folder, 0o755)
        for path in [folder, home] { chown(path, nobody, nobody) }
        gopm = ["/usr/bin/setpriv", "--reuid=\(nobody)", "--regid=\(nobody)", "--clear-groups"] + gopm
    }
}

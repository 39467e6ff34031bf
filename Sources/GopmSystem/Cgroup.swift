import CLinux

#if canImport(Glibc)
    import Glibc
#endif

/// The folder of a cgroup v2 hierarchy in which this supervisor may make groups for its programs (cgroups(7)).
///
/// There is one where systemd delegates the service's group, and for root wherever cgroup2 is mounted, also beside the
/// old hierarchies. Without one the life ids do the work alone.
package struct CgroupTree: Sendable, Hashable {
    /// Absolute path of the folder.
    package let path: String

    /// Finds and prepares the folder.
    ///
    /// `tag` tells this home's groups from those of others, and `isService` whether systemd runs us in a group of our
    /// own. There the supervisor moves into a leaf first, as a group that has processes of its own may get no
    /// controllers for the groups in it.
    package static func prepare(tag: String, isService: Bool) -> CgroupTree? {
        guard let mount = mountPoint(), var own = ownGroup() else { return nil }
        // The image before this one has moved already.
        if isService, PathText.lastPart(own) == "gopmd" { own = PathText.folder(own) }
        if isService, own != "/", access("\(mount)\(own)/cgroup.procs", W_OK) == 0 {
            let leaf = "\(mount)\(own)/gopmd"
            guard makeFolder(leaf), write("\(getpid())", to: leaf + "/cgroup.procs") else { return nil }
            return usable("\(mount)\(own)/programs")
        }
        guard geteuid() == 0, makeFolder(mount + "/gopm") else { return nil }
        return usable("\(mount)/gopm/\(tag)")
    }

    /// Makes a group for one life.
    package func make(_ name: String) -> Cgroup? {
        let folder = "\(path)/\(name)"
        return CgroupTree.makeFolder(folder) ? Cgroup(path: folder) : nil
    }

    /// Removes what is empty, at the very end.
    package func remove() {
        rmdir(path)
        if PathText.lastPart(PathText.folder(path)) == "gopm" { rmdir(PathText.folder(path)) }
    }

    private static func usable(_ folder: String) -> CgroupTree? {
        // cgroup.kill came with Linux 5.14.
        makeFolder(folder) && access(folder + "/cgroup.kill", W_OK) == 0 ? CgroupTree(path: folder) : nil
    }

    private static func mountPoint() -> String? {
        guard let bytes = try? FileSystem.read("/proc/self/mountinfo") else { return nil }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            // "36 35 98:0 /root /mount/point options … - type source options" (proc_pid_mountinfo(5))
            let words = line.split(separator: " ")
            guard let dash = words.firstIndex(of: "-"), dash + 1 < words.count, words[dash + 1] == "cgroup2" else {
                continue
            }
            return String(words[4])
        }
        return nil
    }

    private static func ownGroup() -> String? {
        guard let bytes = try? FileSystem.read("/proc/self/cgroup") else { return nil }
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("0::") }
        return line.map { String($0.dropFirst(3)) }
    }

    fileprivate static func makeFolder(_ path: String) -> Bool {
        mkdir(path, 0o755) == 0 || errno == EEXIST
    }

    fileprivate static func write(_ text: String, to path: String) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count
    }
}

/// The group of one life: a process that was born in it can't leave it without rights that it does not have.
package struct Cgroup: Sendable, Hashable {
    /// Absolute path of its folder.
    package let path: String

    package init(path: String) {
        self.path = path
    }

    /// A descriptor of the folder, for the spawn; the caller's.
    package func open() -> Int32 {
        Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }

    /// SIGKILL to all in it and in the groups below, also to those that fork meanwhile.
    package func kill() {
        _ = CgroupTree.write("1", to: path + "/cgroup.kill")
    }

    /// Whether anything in it or below is alive.
    package var isPopulated: Bool {
        guard let bytes = try? FileSystem.read(path + "/cgroup.events", limit: 4096) else { return false }
        return String(decoding: bytes, as: UTF8.self).contains("populated 1")
    }

    /// The processes in it, not those in groups below.
    package var members: [Int32] {
        guard let bytes = try? FileSystem.read(path + "/cgroup.procs") else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { Int32($0) }
    }

    /// Removes the group when nothing is left in it.
    package func remove() {
        rmdir(path)
    }
}

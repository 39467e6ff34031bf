import CLinux
import GopmSystem
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// The address at which a keeper listens, `run/keeper.sock` of a home.
struct KeeperSocket: Sendable {
    private let folder: String
    private static let name = "keeper.sock"

    init(home: String) {
        folder = home + "/run"
    }

    var path: String { folder + "/" + Self.name }

    /// A listening socket in the place of whatever was there, mode 0600 from its first instant.
    ///
    /// It is bound under another name and then renamed, so that at no instant there is none.
    func listen() throws(KeeperError) -> Int32 {
        let descriptor = try makeSocket()
        let temporary = Self.name + ".new"
        unlink(folder + "/" + temporary)
        fchmod(descriptor, 0o600)  // bind(2) takes the mode of the socket and the umask
        guard try withAddress(temporary, { bind(descriptor, $0, $1) }) == 0,
            Glibc.listen(descriptor, 16) == 0,
            rename(folder + "/" + temporary, path) == 0
        else {
            let error = KeeperError(.system, "listen on", path, .last)
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// - Throws: `.notRunning` if nobody listens, `.noAnswer` if one does who does not take connections at present.
    func connect() throws(KeeperError) -> Int32 {
        let descriptor = try makeSocket()
        do throws(KeeperError) {
            let result = try withAddress(Self.name) { Glibc.connect(descriptor, $0, $1) }
            guard result != 0 else { return descriptor }
            switch errno {
            case ENOENT, ECONNREFUSED: throw KeeperError(.notRunning, "connect to", path)
            case EAGAIN: throw KeeperError(.noAnswer, "connect to", path)
            default: throw KeeperError(.system, "connect to", path, .last)
            }
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Which file is there at present: device and inode, to tell one's own from a later one.
    var identity: [UInt64]? {
        var status = stat()
        return lstat(path, &status) == 0 ? [UInt64(status.st_dev), UInt64(status.st_ino)] : nil
    }

    private func makeSocket() throws(KeeperError) -> Int32 {
        let flags = Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, flags, 0)
        guard descriptor >= 0 else { throw KeeperError(.system, "make a socket for", path, .last) }
        return descriptor
    }

    /// A socket's path may have 107 bytes; a longer one is reached through its opened folder.
    private func withAddress(
        _ name: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws(KeeperError) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path) - 1
        var text = "\(folder)/\(name)"
        var opened: Int32 = -1
        defer { if opened >= 0 { close(opened) } }
        if text.utf8.count > room {
            opened = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard opened >= 0 else { throw KeeperError(errno == ENOENT ? .notRunning : .system, "open", folder, .last) }
            text = "/proc/self/fd/\(opened)/\(name)"
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: text.utf8) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }
}

import CSystemd
import GopmKeeper

#if canImport(Glibc)
    import Glibc
#endif

/// What systemd passed at the start (sd_listen_fds(3)): the control socket, where a socket unit listens on it, and what
/// its fd store held.
struct PassedDescriptors {
    /// Listening, non-blocking.
    private(set) var listener: Int32?
    /// The receiver's own.
    private(set) var held = HeldForUs()
    private(set) var count = 0

    /// To be called once: the environment says nothing of them afterwards.
    ///
    /// `socket`: The path at which clients look for us.
    static func take(socket: String) -> PassedDescriptors {
        var passed = PassedDescriptors()
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        let count = sd_listen_fds_with_names(1, &names)
        guard count > 0, let names else { return passed }
        defer {
            for index in 0..<Int(count) { free(names[index]) }
            free(names)
        }
        passed.count = Int(count)
        var sets: [String: [Int: Int32]] = [:]
        for index in 0..<count {
            let name = names[Int(index)].map { String(cString: $0) } ?? ""
            let descriptor = SD_LISTEN_FDS_START + index
            if passed.listener == nil, isControlSocket(descriptor, name: name, path: socket) {
                _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
                passed.listener = descriptor
                continue
            }
            // The store gives descriptors of one name back in any order, so each has its place in its name.
            let parts = name.split(separator: "/")
            let place = parts.count == 2 ? Int(parts[1]) ?? 0 : 0
            if let double = sets[String(parts.first ?? ""), default: [:]].updateValue(descriptor, forKey: place) {
                close(double)
            }
        }
        for (name, set) in sets {
            let descriptors = set.sorted { $0.key < $1.key }.map(\.value)
            passed.held.add(HeldDescriptors(name: name, descriptors: descriptors))
        }
        return passed
    }

    /// By its path, or by its name where a symbolic link makes the path another text.
    private static func isControlSocket(_ descriptor: Int32, name: String, path: String) -> Bool {
        if sd_is_socket_unix(descriptor, 0, 1, path, 0) > 0 { return true }
        return name == "gopm.sock" && sd_is_socket(descriptor, AF_UNIX, 0, 1) > 0
    }
}

import GopmSystem

/// The system service, as far as commands that only look need it.
enum SystemdUnit {
    static let path = "/etc/systemd/system/gopm.service"

    static var isInstalled: Bool { FileSystem.exists(path) }
}

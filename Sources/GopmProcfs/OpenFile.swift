package import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// A descriptor of a process and what it leads to.
package struct OpenFile: Sendable {
    package enum Kind: String, Sendable {
        case file, folder, device, block, fifo, pipe, socket, memory, kernel, deleted, unknown
    }

    package var number: Int32
    package var kind: Kind
    /// `r`, `w`, `rw`; `-` if it can do neither (`O_PATH`).
    package var mode: String
    /// As the kernel names it: a path, `socket:[4242]`, `pipe:[4242]`, `anon_inode:[eventpoll]`.
    package var target: String

    /// The inode of a socket or an unnamed pipe.
    package var inode: UInt64? { OpenFile.inode(target) }

    /// All descriptors in rising order.
    ///
    /// Those that are closed meanwhile are left out.
    package static func all(of folder: ProcFolder) throws(Errno) -> [OpenFile] {
        var files: [OpenFile] = []
        let links = try folder.folder("fd")
        for number in try links.numbers(in: ".") {
            let name = String(number)
            guard let target = try? links.link(name), let mode = links.linkMode(name) else { continue }
            let kind = kind(target) { links.kind(name) }
            files.append(OpenFile(number: number, kind: kind, mode: modeText(mode), target: target.text))
        }
        return files
    }

    /// `look`: Type and whether it was deleted; asked only for what has a path.
    static func kind(_ target: [UInt8], look: () -> (type: UInt32, isDeleted: Bool)?) -> Kind {
        if target.starts(with: "socket:[") { return .socket }
        if target.starts(with: "pipe:[") { return .pipe }
        if target.starts(with: "/memfd:") { return .memory }
        guard target.first == UInt8(ascii: "/") else { return .kernel }
        guard let (type, isDeleted) = look() else { return .unknown }
        if isDeleted { return .deleted }
        switch type {
        case S_IFREG: return .file
        case S_IFDIR: return .folder
        case S_IFCHR: return .device
        case S_IFBLK: return .block
        case S_IFIFO: return .fifo
        case S_IFSOCK: return .socket
        default: return .unknown
        }
    }

    private static func modeText(_ mode: UInt32) -> String {
        let text = (mode & S_IRUSR != 0 ? "r" : "") + (mode & S_IWUSR != 0 ? "w" : "")
        return text.isEmpty ? "-" : text
    }

    /// The number in `socket:[4242]` and `pipe:[4242]`.
    static func inode(_ target: String) -> UInt64? {
        let bytes = Array(target.utf8)
        guard bytes.starts(with: "socket:[") || bytes.starts(with: "pipe:["), bytes.last == UInt8(ascii: "]"),
            let bracket = bytes.firstIndex(of: UInt8(ascii: "["))
        else { return nil }
        return bytes[(bracket + 1)..<(bytes.count - 1)].number()
    }

    /// The number in `socket:[4242]`.
    static func socketInode(_ target: UnsafeRawBufferPointer) -> UInt64? {
        guard target.starts(with: "socket:["), target.last == UInt8(ascii: "]") else { return nil }
        return target[8..<(target.count - 1)].number()
    }
}

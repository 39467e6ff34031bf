import CLinux

#if canImport(Glibc)
    import Glibc
#endif

/// One end of a connection that carries packets and descriptors (AF_UNIX, SOCK_SEQPACKET).
///
/// No call waits. Does not own its descriptor.
struct KeeperChannel: Sendable, Hashable {
    enum Received {
        /// The descriptors, close-on-exec, are the receiver's.
        case message([UInt8], descriptors: [Int32])
        /// One that was too large, or for whose descriptors there was no room. They have been closed.
        case unusable([UInt8])
        case nothing
        case ended
    }

    enum Sent {
        case sent
        /// The other side is behind, or the user has too many descriptors under way; the same may work later.
        case later
        /// One of the descriptors is none, or the message is too long.
        case impossible
        case ended
    }

    let descriptor: Int32

    func receive() -> Received {
        var descriptors = [Int32](repeating: -1, count: Int(GOPM_KEEPER_DESCRIPTORS))
        var count: Int32 = 0
        var isTruncated: Int32 = 0
        var size = 0
        let bytes = withUnsafeTemporaryAllocation(byteCount: KeeperLimit.messageBytes, alignment: 1) { buffer in
            size = gopm_keeper_receive(
                descriptor,
                buffer.baseAddress,
                buffer.count,
                &descriptors,
                &count,
                &isTruncated
            )
            return [UInt8](buffer.prefix(max(size, 0)))
        }
        if size < 0 {
            // What lacks memory now may be there later; the connection itself is sound.
            return [EAGAIN, ENOBUFS, ENOMEM].contains(errno) ? .nothing : .ended
        }
        descriptors.removeLast(descriptors.count - Int(count))
        if isTruncated != 0 || size == 0 {
            closeAll(descriptors)
            return size == 0 ? .ended : .unusable(bytes)
        }
        return .message(bytes, descriptors: descriptors)
    }

    func send(_ bytes: [UInt8], _ descriptors: [Int32] = []) -> Sent {
        if gopm_keeper_send(descriptor, bytes, bytes.count, descriptors, Int32(descriptors.count)) == 0 { return .sent }
        return switch errno {
        // ETOOMANYREFS: more descriptors of this user are in messages on their way than one process may have open.
        case EAGAIN, ENOBUFS, ENOMEM, ETOOMANYREFS: .later
        case EBADF, EINVAL, EMSGSIZE: .impossible
        default: .ended
        }
    }
}

func closeAll(_ descriptors: [Int32]) {
    for descriptor in descriptors { close(descriptor) }
}

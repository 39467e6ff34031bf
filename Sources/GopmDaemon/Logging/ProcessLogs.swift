import CLinux
import GopmCapture
import GopmSystem
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// The streams of one managed process between the supervisor and the log thread, for as long as it is up.
struct ProcessLogs: Sendable {
    let processID: Int
    let outFifo: String
    /// The same as ``outFifo`` when both streams are one file.
    let errFifo: String
    let outSlot: Int
    /// -1 when both streams are one file.
    let errSlot: Int

    var isShared: Bool { outFifo == errFifo }
    var out: StreamID { StreamID(process: processID, kind: .out) }
    /// Where action lines go.
    var err: StreamID { isShared ? out : StreamID(process: processID, kind: .err) }
    var streams: [StreamID] { isShared ? [out] : [out, err] }
    var fifos: [String] { isShared ? [outFifo] : [outFifo, errFifo] }
    var slots: [Int] { [outSlot, errSlot].filter { $0 > 0 } }

    /// Descriptors for one spawn; to be closed when the child has its copies.
    struct Ends {
        var null: Int32 = -1
        var out: Int32 = -1
        var err: Int32 = -1
        var outReader: Int32 = -1
        var errReader: Int32 = -1

        func close() {
            for descriptor in [null, out, err, outReader, errReader] where descriptor >= 0 { Glibc.close(descriptor) }
        }
    }

    /// Opens everything that a child inherits, anew for each life.
    func openEnds() throws(SystemError) -> Ends {
        var ends = Ends()
        do throws(SystemError) {
            ends.null = open("/dev/null", O_RDONLY | O_CLOEXEC)
            guard ends.null >= 0 else { throw SystemError("open", "/dev/null") }
            ends.out = try Fifo.openWriteEnd(outFifo)
            ends.err = try Fifo.openWriteEnd(errFifo)
            ends.outReader = try Fifo.openReadEnd(outFifo)
            if !isShared { ends.errReader = try Fifo.openReadEnd(errFifo) }
        } catch {
            ends.close()
            throw error
        }
        return ends
    }
}

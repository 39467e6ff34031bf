import CLinux
import SystemPackage

extension CaptureStream {
    /// Makes sure that the file that will be written is open and the one at `path`.
    ///
    /// Whenever it had to be opened, at first or because the old one was deleted, replaced or failed, the record says how
    /// to go on.
    func ensureOpen(_ bench: CopyBench) throws(StreamFault) {
        do {
            if try file.isStillThere() { return }
            try file.open()
        } catch {
            throw .log(error)
        }
        do {
            try recover(bench)
        } catch {
            file.close()  // or the next try would think that this is done
            throw error
        }
    }

    private func recover(_ bench: CopyBench) throws(StreamFault) {
        let state = record.state
        let way = Recovery(state, identity: file.identity, size: file.size) { file.endsInNewline() }
        switch way {
        case .proceed(let position):
            stamper.position = position
        case .cut(let size, let position):
            do { try file.cut(to: size) } catch { throw .log(error) }
            stamper.position = position
        case .blockWritten(let isTaken):
            try takeRest(state, isTaken: isTaken, bench)
        case .rotate(let position):
            stamper.position = position
            try rotate()
        }
        record.settle(snapshot)
    }

    /// Takes out of the FIFO what is still there of a block that is in the file, and finds the position behind it.
    private func takeRest(_ state: RecordState, isTaken: Bool?, _ bench: CopyBench) throws(StreamFault) {
        let before = state.before
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: state.bytesOut, alignment: 1)
        let program = UnsafeMutableRawBufferPointer.allocate(byteCount: state.bytesOut, alignment: 1)
        defer {
            block.deallocate()
            program.deallocate()
        }
        stamper.position = LinePosition.start.inFile(ofSize: file.size) { file.endsInNewline() }
        guard state.bytesIn > 0, let start = block.baseAddress else { return }
        var bytes = UnsafeRawBufferPointer(start: nil, count: 0)
        if file.read(start, count: state.bytesOut, at: before.size) {
            let written = UnsafeRawBufferPointer(block)
            let origin = LineStamper.origin(of: written, after: before.position, into: program.baseAddress)
            if file.size == before.size + state.bytesOut { stamper.position = origin.position }
            // Another count: others have written in between, and there is nothing to compare with.
            if origin.count == state.bytesIn { bytes = UnsafeRawBufferPointer(rebasing: program[..<origin.count]) }
        }
        guard isTaken != true, fifo >= 0 else { return }
        switch bench.look(into: fifo) {
        case .empty: return
        case .failed(let error): throw .fifo(error)
        case .bytes(let head):
            // What can't be compared stays: a line twice is better than none.
            let untaken =
                isTaken == false
                ? state.bytesIn
                : Recovery.untaken(of: bytes, head: head, unread: Int(capture_unread(fifo)))
            try take(untaken, last: bytes.last, bench)
        }
    }
}

import SystemPackage

/// Look, write, consume: the steps whose order makes each line appear exactly once.
extension CaptureStream {
    /// Bytes at which to rotate; nil: not at all, or not now.
    var rotationSize: Int? {
        guard let size = spec.maxSize, file.isRegular else { return nil }
        if let nextRotation, monotonicNow() < nextRotation { return nil }
        return max(size, 64)
    }

    /// The log as it is now.
    var snapshot: LogSnapshot {
        LogSnapshot(identity: file.identity, size: file.size, position: stamper.position)
    }

    /// Writes a block that was made of the first `count` bytes of the FIFO, and takes those.
    func write(
        _ block: UnsafeRawBufferPointer,
        from count: Int,
        endingAt position: LinePosition,
        _ bench: CopyBench
    ) throws(StreamFault) {
        let before = settledSnapshot()
        record.begin(bytesIn: count, bytesOut: block.count)
        file.probe.pass(.blockBegun)
        let (written, error) = file.append(block)
        var kept = block.count
        var origin = LineStamper.Origin(count: count, position: position)
        if error != nil {
            kept = keepPart(of: block, written: written, before)
            let part = UnsafeRawBufferPointer(rebasing: block[..<kept])
            origin = count == 0 ? Self.ownPart(part, before) : LineStamper.origin(of: part, after: before.position)
            file.probe.pass(.blockCutShort)
            record.setExtent(bytesIn: origin.count, bytesOut: kept)
        }
        file.probe.pass(.blockWritten)
        stamper.position = origin.position
        // A block ends in a byte of the program, never in a stamp.
        try take(origin.count, last: kept > 0 ? block[kept - 1] : nil, bench)
        file.probe.pass(.blockTaken)
        record.end()
        record.count(writtenBytes: kept)
        file.probe.pass(.blockEnded)
        if let error { throw .log(error) }
    }

    /// Takes what is written out of the FIFO, in a way that a later daemon can tell whether it happened.
    func take(_ count: Int, last: UInt8?, _ bench: CopyBench) throws(StreamFault) {
        let mark = count > 0 && !bench.sawPackets ? last : nil
        record.willTake(snapshot, last: mark)
        guard count > 0, fifo >= 0 else { return }
        do {
            try bench.take(count, from: fifo, mark: mark == nil ? nil : record.mark)
        } catch {
            throw .fifo(error)
        }
    }

    /// Puts a line of gopm's own behind what is there, in its own line whatever the program had begun.
    func writeOwn(_ line: [UInt8], _ bench: CopyBench) throws(StreamFault) {
        try ensureOpen(bench)
        let length = LineStamper.stampLength + line.count
        if stamper.position == .start, let limit = rotationSize, file.size > 0, file.size + length > limit {
            try rotate()
        }
        bench.clock.update()
        var block: [UInt8] = stamper.position == .start ? [] : [UInt8(ascii: "\n")]
        block += UnsafeBufferPointer(start: bench.clock.bytes, count: LineStamper.stampLength)
        block += line
        bench.output.copyBytes(from: block)
        try write(UnsafeRawBufferPointer(rebasing: bench.output[..<block.count]), from: 0, endingAt: .start, bench)
    }

    /// Moves the full log out of the way.
    ///
    /// If the folder does not allow that, the log grows on.
    func rotate() throws(StreamFault) {
        _ = settledSnapshot()
        record.beginRotation()
        file.probe.pass(.rotationBegun)
        do {
            try file.rotate(maxFiles: spec.maxFiles)
        } catch {
            // Closed: the renames are done and only the new file is missing. The record says so until it is there.
            guard file.isOpen else { throw .log(error) }
            record.settle(snapshot)
            if nextRotation == nil { report(.rotationFailing(spec.id, path: spec.path, error)) }
            nextRotation = monotonicNow() + oneSecond
            return
        }
        file.probe.pass(.fileRenewed)
        nextRotation = nil
        stamper.position = stamper.position.inFile(ofSize: file.size) { file.endsInNewline() }
        record.settle(snapshot)
        record.countRotation()
        file.probe.pass(.rotationEnded)
        report(.rotated(spec.id, path: spec.path, rotations: record.counters.rotations))
    }

    /// The log as it is now, with the record saying the same: others may have emptied it or added to it.
    private func settledSnapshot() -> LogSnapshot {
        let now = snapshot
        if record.snapshot != now { record.settle(now) }
        return now
    }

    /// Cuts a block that was written in part back to what is worth keeping.
    ///
    /// Returns how much of it is in the file.
    private func keepPart(of block: UnsafeRawBufferPointer, written: Int, _ before: LogSnapshot) -> Int {
        let kept = LineStamper.worthKeeping(of: block, written: written, after: before.position)
        do {
            try file.cut(to: before.size + kept)
            return kept
        } catch {
            return written  // a pipe, say: what it has got it has got
        }
    }

    /// The same as `LineStamper.origin` for a line of gopm's own, which has no program bytes.
    private static func ownPart(_ part: UnsafeRawBufferPointer, _ before: LogSnapshot) -> LineStamper.Origin {
        guard let last = part.last else { return LineStamper.Origin(position: before.position) }
        return LineStamper.Origin(position: last == UInt8(ascii: "\n") ? .start : .foreign)
    }
}

import Testing

@testable import GopmCapture

@Suite struct RecoveryTests {
    static let ours = LogSnapshot.Identity(device: 1, inode: 2)
    static let other = LogSnapshot.Identity(device: 1, inode: 3)

    static func recovery(
        _ phase: RecordState.Phase,
        size: Int,
        identity: LogSnapshot.Identity = ours,
        position: LinePosition = .inside(40),
        endsInNewline: Bool = true,
        isTaken: Bool? = nil
    ) -> Recovery {
        let before = LogSnapshot(identity: ours, size: 1000, position: position)
        let state = RecordState(phase: phase, before: before, bytesIn: 50, bytesOut: 80, isTaken: isTaken)
        return Recovery(state, identity: identity, size: size) { endsInNewline }
    }

    @Test func withNothingOpenTheRecordIsBelievedIfTheFileIsAsItWas() {
        #expect(Self.recovery(.idle, size: 1000) == .proceed(.inside(40)))
        #expect(Self.recovery(.idle, size: 1001) == .proceed(.start))
        #expect(Self.recovery(.idle, size: 1001, endsInNewline: false) == .proceed(.foreign))
        #expect(Self.recovery(.idle, size: 0) == .proceed(.inside(0)))
    }

    @Test(arguments: [RecordState.Phase.writing, .taking])
    func aBlockWrittenInPartIsCut(phase: RecordState.Phase) {
        #expect(Self.recovery(phase, size: 1000) == .cut(to: 1000, .inside(40)))
        #expect(Self.recovery(phase, size: 1079) == .cut(to: 1000, .inside(40)))
    }

    @Test func aBlockInTheFileIsTakenUnlessItWas() {
        #expect(Self.recovery(.writing, size: 1080) == .blockWritten(isTaken: false))
        for isTaken in [true, false, nil] {
            #expect(Self.recovery(.taking, size: 1080, isTaken: isTaken) == .blockWritten(isTaken: isTaken))
            #expect(Self.recovery(.taking, size: 1081, isTaken: isTaken) == .blockWritten(isTaken: isTaken))
        }
        // Somebody has added something, so the size proves nothing.
        #expect(Self.recovery(.writing, size: 1081) == .blockWritten(isTaken: nil))
    }

    @Test(arguments: [RecordState.Phase.idle, .writing, .taking])
    func anEmptiedFileIsNeverMadeLonger(phase: RecordState.Phase) {
        #expect(Self.recovery(phase, size: 0) == .proceed(.inside(0)))
        #expect(Self.recovery(phase, size: 999, endsInNewline: false) == .proceed(.foreign))
    }

    @Test(arguments: [RecordState.Phase.idle, .writing, .taking, .rotating])
    func anotherFileIsLeftAsItIs(phase: RecordState.Phase) {
        #expect(Self.recovery(phase, size: 0, identity: Self.other) == .proceed(.inside(0)))
        #expect(Self.recovery(phase, size: 0, identity: Self.other, position: .foreign) == .proceed(.start))
        #expect(Self.recovery(phase, size: 1080, identity: Self.other) == .proceed(.start))
    }

    @Test func aRotationThatHadNotReachedTheLogIsBegunAgain() {
        #expect(Self.recovery(.rotating, size: 1000) == .rotate(.inside(40)))
        #expect(Self.recovery(.rotating, size: 0) == .proceed(.inside(0)))
    }

    static func untaken(_ block: [UInt8], _ head: [UInt8], unread: Int? = nil) -> Int {
        block.withUnsafeBytes { block in
            head.withUnsafeBytes { Recovery.untaken(of: block, head: $0, unread: unread ?? $0.count) }
        }
    }

    @Test func theFIFOTellsWhatWasTaken() {
        let block = (0..<2000).flatMap { Array("\($0)\n".utf8) }
        let next = (2000..<2100).flatMap { Array("\($0)\n".utf8) }
        #expect(Self.untaken(block, block + next) == block.count)
        #expect(Self.untaken(block, Array(block[4096...]) + next) == block.count - 4096)
        #expect(Self.untaken(block, next) == 0)
        #expect(Self.untaken(block, []) == 0)
        // A pipe of which only the beginning could be looked at.
        #expect(Self.untaken(block, Array(block[..<1024]), unread: block.count) == block.count)
    }

    /// A short tail is chance: an empty line is at the end of every block.
    @Test func anEmptyLineIsNoRestOfTheBlock() {
        #expect(Self.untaken(Array("some line\n".utf8), Array("\nanother\n".utf8)) == 0)
    }
}

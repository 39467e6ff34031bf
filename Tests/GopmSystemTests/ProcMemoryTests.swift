import GopmSystem
import Testing

#if canImport(Glibc)
    import Glibc
#endif

@Suite struct ProcMemoryTests {
    private func pages(_ text: String) -> Int64? {
        Array(text.utf8).withUnsafeBufferPointer { ProcMemory.residentPages($0) }
    }

    @Test func theSecondNumberCounts() {
        #expect(pages("4312 1034 889 6 0 540 0\n") == 1034)
        #expect(pages("0 0 0 0 0 0 0\n") == 0)
    }

    @Test(arguments: ["", "12", "12 34", "12 x 3", "12 -3 4", "1 99999999999999999999 3"])
    func tornTextIsNoNumber(text: String) {
        #expect(pages(text) == nil)
    }

    @Test func ourselvesAndNobody() {
        #expect(ProcMemory.residentBytes(of: getpid()) ?? 0 > 1 << 20)
        #expect(ProcMemory.residentBytes(of: 4_194_305) == nil)
    }
}

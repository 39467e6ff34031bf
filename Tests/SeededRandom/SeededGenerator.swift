import Glibc
package import Testing

/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators): small, and the same everywhere for
/// the same seed.
package struct SeededGenerator: RandomNumberGenerator {
    package let seed: UInt64
    private var state: UInt64

    package init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    /// The seed comes from `GOPM_TEST_SEED` or by chance; put ``note`` into every expectation.
    package init() {
        self.init(seed: getenv("GOPM_TEST_SEED").flatMap { UInt64(String(cString: $0)) } ?? .random(in: 0...(.max)))
    }

    package var note: Comment { "GOPM_TEST_SEED=\(seed)" }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    package mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    package mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: elements.indices, using: &self)]
    }
}

/// Three fixed seeds and a new one each run; the report of a failing test names the seed it was called with.
package let seeds: [UInt64] = [1, 2, 3, .random(in: 0...UInt64.max)]

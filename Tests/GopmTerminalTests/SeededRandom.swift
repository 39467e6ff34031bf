import Glibc
import Testing

/// SplitMix64.
///
/// The seed comes from `GOPM_TEST_SEED` or by chance; put ``note`` into every expectation.
struct SeededRandom: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    var note: Comment { "GOPM_TEST_SEED=\(seed)" }

    init() {
        seed = getenv("GOPM_TEST_SEED").flatMap { UInt64(String(cString: $0)) } ?? .random(in: 0...(.max))
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

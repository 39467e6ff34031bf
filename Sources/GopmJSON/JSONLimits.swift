/// What a reader accepts at most.
package struct JSONLimits: Sendable, Hashable {
    /// Arrays and objects inside one another; a number alone has depth 0, `[]` has 1.
    package let depth: Int

    /// Bytes of the whole text.
    package let size: Int

    /// No limit goes deeper: the readers recurse, and so does the release of a nested value.
    ///
    /// A level takes some 0.4 KB of stack, 1.3 KB in a debug build (measured), so this many fit any thread's.
    package static let greatestDepth = 256

    package static let `default` = JSONLimits()

    /// Makes limits; `depth` is brought into 0...`greatestDepth`.
    package init(depth: Int = 64, size: Int = 64 << 20) {
        self.depth = min(max(depth, 0), Self.greatestDepth)
        self.size = size
    }
}

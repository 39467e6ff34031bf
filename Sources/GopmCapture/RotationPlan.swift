/// Which files move where when a log is full: `path` becomes `path.1`, `path.1` becomes `path.2` and so on.
///
/// Made for being killed between any two renames and started over: only the files before the first gap move, so a second
/// try moves those that the first had not reached and drops nothing twice.
package struct RotationPlan: Hashable, Sendable {
    package struct Move: Hashable, Sendable {
        /// The number of a file; 0 is the log itself.
        package let from: Int
        /// Its number afterwards, in place of any file that has it.
        package var to: Int { from + 1 }
    }

    /// The renames in the order to do them; none with `maxFiles` 0, when the log is emptied instead.
    package let moves: [Move]

    /// - Parameters:
    ///   - maxFiles: how many full files are kept beside the log.
    ///   - exists: whether there is a file of that number, 1 and up.
    package init(maxFiles: Int, exists: (Int) -> Bool) {
        guard maxFiles > 0 else {
            moves = []
            return
        }
        var gap = 1
        while gap < maxFiles, exists(gap) { gap += 1 }
        moves = (0..<gap).reversed().map(Move.init)
    }
}

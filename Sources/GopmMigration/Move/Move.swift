/// The move of one process from PM2 to gopm, or back: which step comes after which, whatever happens.
///
/// A step is written down before it is done, and every step can be done again: so whoever finds a move half done, also
/// after a power cut, goes on with the step that is written. At no step do both managers run the process: gopm starts it
/// only after PM2's is gone, and PM2 only after gopm's is.
package struct Move: Sendable, Hashable {
    package enum Step: String, Sendable, CaseIterable {
        /// PM2's is being stopped, and taken out of what PM2 brings back after a reboot.
        case stopping
        /// PM2's is down; ours is being started.
        case starting
        /// Ours is online; PM2's entry is being removed.
        case removing
        /// Ours runs, PM2 has nothing to run.
        case moved
        /// Ours is being removed.
        case withdrawing
        /// Ours is gone; PM2's is being brought back as it was.
        case restoring
        /// As before the move.
        case restored
    }

    package enum Direction: Sendable, Hashable {
        case toGopm, toPM2
    }

    package private(set) var step: Step
    /// Why it was turned back, or what is left to be done by hand.
    package var trouble: String?

    package init(step: Step = .stopping, trouble: String? = nil) {
        self.step = step
        self.trouble = trouble
    }

    package var isOver: Bool { step == .moved || step == .restored }

    package var direction: Direction {
        switch step {
        case .stopping, .starting, .removing, .moved: .toGopm
        case .withdrawing, .restoring, .restored: .toPM2
        }
    }

    /// The step was done.
    package mutating func succeeded() {
        switch step {
        case .stopping: step = .starting
        case .starting: step = .removing
        case .removing: step = .moved
        case .withdrawing: step = .restoring
        case .restoring: step = .restored
        case .moved, .restored: break
        }
    }

    /// The step was not done.
    ///
    /// - Returns: Whether the move goes on from here; if not, it waits for the next run, at the same step.
    package mutating func failed(_ reason: String) -> Bool {
        switch step {
        case .stopping:
            trouble = reason
            step = .restoring
            return true
        case .starting:
            trouble = reason
            step = .withdrawing
            return true
        case .removing:
            // Ours is online: an entry that PM2 holds stopped harms nobody.
            trouble = reason
            step = .moved
            return true
        case .withdrawing, .restoring:
            trouble = trouble.map { "\($0); then: \(reason)" } ?? reason
            return false
        case .moved, .restored:
            return false
        }
    }

    /// Turns to PM2, from wherever it is.
    package mutating func rollBack() {
        switch step {
        case .stopping: step = .restoring
        case .starting, .removing, .moved:
            step = .withdrawing
            trouble = nil
        case .withdrawing, .restoring, .restored: break
        }
    }
}

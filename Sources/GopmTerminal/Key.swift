/// What a user did: a key, a turn of the wheel, a click, text that was pasted.
package enum Key: Sendable, Hashable {
    /// What is written; combining marks come as characters of their own.
    case character(Character)
    /// Ctrl and a small letter.
    case control(Character)
    case enter, tab, backTab, escape, backspace, delete
    case up, down, left, right, home, end, pageUp, pageDown
    case mouse(Mouse)
    /// With its line ends, and nothing made harmless.
    case paste(String)

    package enum Mouse: Sendable, Hashable {
        /// Of the left button; the top left cell is 0, 0.
        case press(row: Int, column: Int)
        case wheelUp(row: Int, column: Int)
        case wheelDown(row: Int, column: Int)
    }
}

import CLinux
import Glibc
import GopmTerminal
import Testing

@Suite struct TerminalTests {
    @Test(
        arguments: [
            (true, [:], true),
            (false, [:], false),
            (true, ["NO_COLOR": "1"], false),
            (true, ["NO_COLOR": ""], true),
            (true, ["TERM": "dumb"], false),
            (true, ["TERM": "xterm-256color"], true),
            (false, ["CLICOLOR_FORCE": "1"], true),
            (false, ["CLICOLOR_FORCE": "0"], false),
            (false, ["CLICOLOR_FORCE": ""], false),
            (false, ["CLICOLOR_FORCE": "1", "TERM": "dumb"], true),
            (true, ["CLICOLOR_FORCE": "1", "NO_COLOR": "1"], false),
        ] as [(Bool, [String: String], Bool)]
    )
    func colourRule(isTerminal: Bool, environment: [String: String], wanted: Bool) {
        #expect(Terminal.wantsColour(isTerminal: isTerminal) { environment[$0] } == wanted)
    }

    @Test func sizeOfATerminalAndOfNone() throws {
        let master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        try #require(master >= 0)
        defer { close(master) }
        var window = winsize(ws_row: 50, ws_col: 132, ws_xpixel: 0, ws_ypixel: 0)
        try #require(ioctl(master, UInt(TIOCSWINSZ), &window) == 0)
        #expect(Terminal.size(master) == Terminal.Size(columns: 132, rows: 50))
        window.ws_col = 0
        try #require(ioctl(master, UInt(TIOCSWINSZ), &window) == 0)
        #expect(Terminal.size(master) == nil)
        #expect(Terminal.size(-1) == nil)
        #expect(!Terminal.isTerminal(-1))
    }

    @Test func stylesAreSequencesOnlyWhereColourIsWanted() {
        #expect(Style.green.applied(to: "online", colour: true) == "\u{1b}[32monline\u{1b}[0m")
        #expect(Style.green.applied(to: "online", colour: false) == "online")
        #expect(Style(.brightRed, isBold: true).sequence == "\u{1b}[1;91m")
        #expect(Style().applied(to: "x", colour: true) == "x")
    }
}

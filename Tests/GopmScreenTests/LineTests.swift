import GopmScreen
import GopmTerminal
import Testing

@Suite struct LineTests {
    @Test func editing() {
        var editor = LineEditor("hello")
        for key: Key in [.left, .left, .character("X"), .home, .delete, .end, .backspace, .paste("a\nb")] {
            let isEdit = editor.edit(key)
            #expect(isEdit)
        }
        #expect(editor.text == "elXla b")
        _ = editor.edit(.control("w"))
        #expect(editor.text == "elXla ")
        _ = editor.edit(.left)
        _ = editor.edit(.control("u"))
        #expect(editor.text == " ")
        let isOther = editor.edit(.up)
        #expect(!isOther)
    }

    @Test func aLongLineShowsThePartAroundItsCursor() {
        var editor = LineEditor(String(repeating: "x", count: 50) + "日本")
        var screen = Screen(.init(columns: 10, rows: 1))
        editor.draw(on: &screen, row: 0, column: 0, width: 10)
        #expect(screen.text(0) == "xxxxx日本")
        #expect(screen[0, 9].style.isReversed)
        _ = editor.edit(.home)
        screen = Screen(screen.size)
        editor.draw(on: &screen, row: 0, column: 0, width: 10)
        #expect(screen.text(0) == "xxxxxxxxxx" && screen[0, 0].style.isReversed)
    }

    @Test(arguments: [
        ("a b  c", ["a", "b", "c"]), ("'a b' c", ["a b", "c"]), (#"a\ b "c \" d" ''"#, ["a b", "c \" d", ""]),
        ("  ", []), ("x'y'z", ["xyz"]), (#"'\'"#, ["\\"]), ("'open", nil), ("a\\", nil),
    ])
    func words(_ line: String, _ words: [String]?) {
        #expect(ShellWords.split(line) == words)
    }

    @Test func whatIsEscapedIsOneWord() {
        for text in ["a b", "it's", "a\"b", "$HOME", "x;y", "日 本", "\\"] {
            #expect(ShellWords.split(ShellWords.escaped(text)) == [text])
        }
    }

    @Test func completion() {
        func complete(_ line: String, _ names: [String]) -> PathCompletion.Result {
            PathCompletion(line).complete(names)
        }
        #expect(complete("./ap", ["api.py", "x"]).line == "./api.py ")
        #expect(complete("./ap", ["api/", "x"]).line == "./api/")
        #expect(complete("a", ["api.py", "app.js"]) == .init(line: "ap", candidates: ["api.py", "app.js"]))
        #expect(complete("run -c /srv/my", ["my app"]).line == "run -c /srv/my\\ app ")
        #expect(complete("my\\ a", ["my app"]).line == "my\\ app ")
        #expect(complete("zz", ["api"]) == .init(line: "zz", candidates: []))
        #expect(complete("", [".hidden", "bad\u{1b}name"]).candidates.isEmpty)
        #expect(complete(".h", [".hidden"]).line == ".hidden ")
        #expect(PathCompletion("x ../dir/na").folder == "../dir/")
    }
}

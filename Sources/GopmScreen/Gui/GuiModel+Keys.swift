import GopmModel
import GopmTerminal
import GopmWire

/// What each key does, by what has the keys.
extension GuiModel {
    mutating func handle(_ key: Key) -> [Effect] {
        switch key {
        case .control("c"): return [.quit]
        case .control("z"): return [.suspend]
        default: break
        }
        switch overlay {
        case nil: return handleInPanes(key)
        case .help:
            if key == .escape || key == .enter || key == .character("?") || key == .character("q") { overlay = nil }
        case .detail(let detail): handle(key, detail)
        case .start(let prompt): return handle(key, prompt)
        case .confirmDelete(let name):
            overlay = nil
            if key == .character("y") || key == .character("Y") { return [.perform(Action(.delete, name))] }
        case .filter(let editor): handleFilter(key, editor)
        case .search(let editor): handleSearch(key, editor)
        }
        return []
    }

    // MARK: - Panes

    private mutating func handleInPanes(_ key: Key) -> [Effect] {
        switch key {
        case .character("q"): return [.quit]
        case .character("?"): overlay = .help
        case .tab, .backTab: if showsLogs { focus = focus == .list ? .logs : .list }
        case .character("s"): overlay = .start(StartPrompt())
        case .character("l"):
            showsLogs.toggle()
            if !showsLogs { focus = .list }
        case .character("e"):
            logs.stream = logs.stream == .out ? .err : .out
        case .character("/"):
            overlay = focus == .list ? .filter(LineEditor(list.filter)) : .search(LineEditor())
        case .character(">"): list.nextOrder(by: 1, feed.records)
        case .character("<"): list.nextOrder(by: -1, feed.records)
        case .mouse(let mouse): return handle(mouse)
        case .character("t"), .character("r"), .character("d"), .character("f"), .enter:
            return handleSelected(key)
        default: return focus == .list ? moveInList(key) : moveInLogs(key)
        }
        return []
    }

    private mutating func handleSelected(_ key: Key) -> [Effect] {
        guard let record = list.selected else { return say("no process is selected", isError: true) }
        let name = record.spec.name
        switch key {
        case .character("t"):
            say("stopping \(name) …")
            return [.perform(Action(.stop, name))]
        case .character("r"):
            say("restarting \(name) …")
            return [.perform(Action(.restart, name))]
        case .character("f"): return [.perform(Action(.flush, name))]
        case .character("d"):
            overlay = .confirmDelete(name: name)
            return []
        default:
            overlay = .detail(Detail(id: record.id))
            return [.requestHistory(id: record.id, name: name)]
        }
    }

    private mutating func moveInList(_ key: Key) -> [Effect] {
        let page = max(1, layout.listHeight - 1)
        switch key {
        case .up, .character("k"): list.move(by: -1)
        case .down, .character("j"): list.move(by: 1)
        case .pageUp: list.move(by: -page)
        case .pageDown, .character(" "): list.move(by: page)
        case .home, .character("g"): list.select(row: 0)
        case .end, .character("G"): list.select(row: list.rows.count - 1)
        case .escape: list.setFilter("", feed.records)
        default: break
        }
        return []
    }

    private mutating func moveInLogs(_ key: Key) -> [Effect] {
        let height = layout.logHeight
        let wasFollowing = logs.isFollowing
        switch key {
        case .up, .character("k"): logs.scroll(by: -1, height: height)
        case .down, .character("j"): logs.scroll(by: 1, height: height)
        case .pageUp: logs.scroll(by: 1 - height, height: height)
        case .pageDown, .character(" "): logs.scroll(by: height - 1, height: height)
        case .home, .character("g"): logs.scrollToTop(height: height)
        case .end, .character("G"): logs.follow()
        case .left: logs.shift(by: -8)
        case .right: logs.shift(by: 8)
        case .character("n"), .character("N"):
            if !logs.findNext(upwards: key == .character("n"), height: height) { say("no further line", isError: true) }
        case .escape:
            _ = logs.find("", height: height)
            logs.follow()
        default: break
        }
        return reopening(wasFollowing)
    }

    /// What was not read while the pane stood still is skipped: following begins at the end anew.
    private func reopening(_ wasFollowing: Bool) -> [Effect] {
        !wasFollowing && logs.isFollowing ? [.openLog(openedLog)] : []
    }

    private mutating func handle(_ mouse: Key.Mouse) -> [Effect] {
        let layout = layout
        let wasFollowing = logs.isFollowing
        switch mouse {
        case .press(let row, let column):
            if layout.list.contains(row: row, column: column) {
                focus = .list
                let place = row - layout.list.row - 1
                if (0..<layout.listHeight).contains(place), list.offset + place < list.rows.count {
                    list.select(row: list.offset + place)
                }
            } else if layout.logs?.contains(row: row, column: column) == true {
                focus = .logs
            }
        case .wheelUp(let row, let column), .wheelDown(let row, let column):
            var step = 3
            if case .wheelUp = mouse { step = -3 }
            if layout.list.contains(row: row, column: column) { list.move(by: step / 3) }
            if layout.logs?.contains(row: row, column: column) == true {
                logs.scroll(by: step, height: layout.logHeight)
            }
        }
        return reopening(wasFollowing)
    }

    // MARK: - Overlays

    private mutating func handle(_ key: Key, _ detail: Detail) {
        var detail = detail
        switch key {
        case .escape, .enter, .character("q"):
            overlay = nil
            return
        case .up, .character("k"), .mouse(.wheelUp): detail.offset -= 1
        case .down, .character("j"), .mouse(.wheelDown): detail.offset += 1
        case .pageUp: detail.offset -= max(1, size.rows / 2)
        case .pageDown, .character(" "): detail.offset += max(1, size.rows / 2)
        case .home: detail.offset = 0
        default: break
        }
        detail.offset = max(0, min(detail.offset, detailLimit(detail)))
        overlay = .detail(detail)
    }

    private mutating func handle(_ key: Key, _ prompt: StartPrompt) -> [Effect] {
        var prompt = prompt
        switch key {
        case .escape: overlay = nil
        case .enter:
            guard prompt.line.text.contains(where: { $0 != " " }) else {
                overlay = nil
                return []
            }
            return [.start(prompt.line.text)]
        case .tab: return [.list(folder: PathCompletion(prompt.line.head).folder)]
        default:
            guard prompt.line.edit(key) else { return [] }
            (prompt.candidates, prompt.problem) = ([], "")
            overlay = .start(prompt)
        }
        return []
    }

    /// The list shrinks as the filter is typed; Esc brings the whole list back.
    private mutating func handleFilter(_ key: Key, _ editor: LineEditor) {
        var editor = editor
        switch key {
        case .enter: overlay = nil
        case .escape:
            overlay = nil
            list.setFilter("", feed.records)
        case .up: list.move(by: -1)
        case .down: list.move(by: 1)
        default:
            guard editor.edit(key) else { return }
            list.setFilter(editor.text, feed.records)
            overlay = .filter(editor)
        }
    }

    private mutating func handleSearch(_ key: Key, _ editor: LineEditor) {
        var editor = editor
        switch key {
        case .enter:
            overlay = nil
            if !logs.find(editor.text, height: layout.logHeight) {
                say("\(editor.text): not in the last \(logs.lines.count) lines", isError: true)
            }
        case .escape: overlay = nil
        default:
            guard editor.edit(key) else { return }
            overlay = .search(editor)
        }
    }
}

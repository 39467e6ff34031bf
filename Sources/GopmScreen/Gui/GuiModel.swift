package import GopmModel
package import GopmTerminal

/// All that the gui knows: a value, changed by ``update(_:)`` alone and drawn by ``screen()``.
package struct GuiModel: Sendable {
    package enum Pane: Sendable, Hashable {
        case list, logs
    }

    /// What stands before the two panes, and has the keys.
    package enum Overlay: Sendable {
        case help
        case detail(Detail)
        case start(StartPrompt)
        case confirmDelete(name: String)
        /// Lines at the bottom in which something is typed.
        case filter(LineEditor)
        case search(LineEditor)
    }

    /// The facts of one process, with its charts.
    package struct Detail: Sendable {
        package var id: Int
        package var offset = 0
        /// Of the last hour; one a minute from the daemon, and then as they come.
        package var samples: [StatsHistory.Sample] = []
    }

    package struct StartPrompt: Sendable {
        package var line = LineEditor()
        package var candidates: [String] = []
        package var problem = ""
    }

    /// What came of something, in the last line.
    package struct Message: Sendable, Hashable {
        package var text: String
        package var isError: Bool
        /// Milliseconds on the clock of the ticks.
        package var end: Int64
    }

    /// Of the daemon, as `ping` told.
    package struct Daemon: Sendable, Hashable {
        package var version = ""
        package var pid = 0
        /// On the clock of the ticks, in milliseconds.
        package var started: Int64 = 0
        package var isThere = true
    }

    package var size: Terminal.Size
    package var feed = ProcessFeed()
    package var list = ListPane()
    package var logs = LogPane()
    var showsLogs = true
    package var focus = Pane.list
    package var overlay: Overlay?
    package var message: Message?
    package var daemon = Daemon()
    /// For uptimes; goes on with the ticks, so that the screen changes no more often than that.
    package var now: Timestamp
    /// Milliseconds since boot, of the same tick.
    package var clock: Int64
    /// The log that was opened last.
    var openedLog: String?
    /// How paths and local times are written.
    package let place: Place

    package struct Place: Sendable {
        package var version: String
        /// A path with `~` for the home directory.
        package var abbreviate: @Sendable (String) -> String
        /// Local time minus UTC at a moment, in seconds.
        package var offset: @Sendable (Int64) -> Int64

        package init(
            version: String,
            abbreviate: @escaping @Sendable (String) -> String,
            offset: @escaping @Sendable (Int64) -> Int64
        ) {
            self.version = version
            self.abbreviate = abbreviate
            self.offset = offset
        }
    }

    package init(size: Terminal.Size, now: Timestamp, clock: Int64, place: Place) {
        self.size = size
        self.now = now
        self.clock = clock
        self.place = place
    }

    package var layout: GuiLayout {
        GuiLayout(size: size, processes: list.rows.count, showsLogs: showsLogs)
    }
}

import GopmClient
import GopmCommandLine
import GopmJSON
import GopmWire

extension SavedProcess {
    /// What a daemon that runs knows of one; `nil` if none runs or it knows none of that name.
    init?(asking global: GlobalOptions, for target: String) {
        guard let connection = try? global.access.connect(),
            let data = try? connection.call(.describe, { $0.member("target", target) }),
            let object = (try? JSONValue.parse(data))?.objectValue
        else { return nil }
        self.init(object, global.home)
    }
}

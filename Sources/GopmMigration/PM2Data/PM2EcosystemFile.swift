package import GopmJSON

/// The content of a PM2 ecosystem file: `{"apps": […], "deploy": {…}}`, a list of apps, or one app.
package struct PM2EcosystemFile: Sendable {
    package var apps: [JSONObject]
    /// Sections besides the apps that are not empty.
    package var otherSections: [String]

    /// Says in one line what is wrong with it.
    package init(_ document: JSONValue) throws(PM2Error) {
        otherSections = []
        if let list = document.arrayValue {
            apps = try PM2EcosystemFile.objects(list, "")
            return
        }
        guard let root = document.objectValue else {
            throw PM2Error("expected an object with \"apps\", found \(document.kindName)")
        }
        // PM2 takes `pm2` for `apps`, too (Common.js, verifyConfs).
        guard let key = ["apps", "pm2"].first(where: { root[$0] != nil }) else {
            guard root["script"] != nil || root["exec"] != nil else {
                throw PM2Error("\"apps\" is missing (a list of apps, each with a \"script\")")
            }
            apps = [root]
            return
        }
        otherSections = root.members.filter { $0.key != key && !$0.value.isNull }.map(\.key)
        switch root[key] {
        case .array(let list): apps = try PM2EcosystemFile.objects(list, key)
        case .object(let app): apps = [app]
        default: throw PM2Error("\(key): expected a list of apps")
        }
    }

    private static func objects(_ list: [JSONValue], _ path: String) throws(PM2Error) -> [JSONObject] {
        var objects: [JSONObject] = []
        for (index, element) in list.enumerated() {
            guard let object = element.objectValue else {
                throw PM2Error("\(path)[\(index)]: expected an object, found \(element.kindName)")
            }
            guard PM2App(object).script != nil else {
                throw PM2Error("\(path)[\(index)].script: missing (the program or script to start)")
            }
            objects.append(object)
        }
        return objects
    }
}

/// Why PM2's data could not be had or used, in one line.
package struct PM2Error: Error, Sendable, Hashable, CustomStringConvertible {
    package var description: String
    /// Whether gopm's own daemon is what could not be had.
    package var isWithoutDaemon = false

    package init(_ description: String) {
        self.description = description
    }
}

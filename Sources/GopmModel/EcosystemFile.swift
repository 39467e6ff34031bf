package import GopmJSON

/// A file that names several apps: `{"apps": [{…}, …]}`, or the bare list.
package struct EcosystemFile: Sendable {
    package var apps: [StartRequest]

    /// Reads a file's text; either every app is right or all faults are thrown.
    package init(parsing bytes: [UInt8]) throws(EcosystemError) {
        let document: JSONValue
        do {
            document = try JSONValue.parse(bytes)
        } catch {
            throw .notJSON(error)
        }
        var faults: [Fault] = []
        let (entries, path) = EcosystemFile.entries(of: document, faults: &faults)
        var apps: [StartRequest] = []
        var firstUse: [String: Int] = [:]
        for (index, entry) in entries.enumerated() {
            let place = path[index]
            guard let object = entry.objectValue else {
                faults.append(Fault(path: place.description, message: "expected an object, found \(entry.kindName)"))
                continue
            }
            var fields = FieldReader(object, at: place)
            let app = StartRequest(from: &fields)
            if let name = app.name {
                if let first = firstUse[name] {
                    fields.fault("name", "\"\(name)\" is already the name of \(path[first])")
                }
                firstUse[name] = firstUse[name] ?? index
            } else if !fields.hasValue("name") {
                fields.fault("name", "missing (\(ProcessName.allowed))")
            }
            fields.refuseUnknownKeys(instead: ForeignFields.instead)
            faults += fields.faults
            apps.append(app)
        }
        guard faults.isEmpty else { throw .faults(faults) }
        self.apps = apps
    }

    private static func entries(of document: JSONValue, faults: inout [Fault]) -> ([JSONValue], JSONPath) {
        if let list = document.arrayValue { return (list, JSONPath.root) }
        guard let root = document.objectValue else {
            faults.append(Fault(path: "", message: "expected an object with \"apps\", found \(document.kindName)"))
            return ([], JSONPath.root)
        }
        // Editors are told by "$schema" what the file is.
        if let schema = root["$schema"], schema.stringValue == nil {
            faults.append(
                Fault(
                    path: JSONPath.root["$schema"].description,
                    message: "expected a string, found \(schema.kindName)"
                )
            )
        }
        for key in root.members.map(\.key) where key != "apps" && key != "$schema" {
            faults.append(Fault(path: JSONPath.root[key].description, message: "unknown field (known: apps)"))
        }
        if root.duplicateKeys.contains("apps") {
            faults.append(Fault(path: "apps", message: "the field stands here twice"))
        }
        guard let list = root["apps"]?.arrayValue else {
            let found = root["apps"].map { ", found \($0.kindName)" } ?? " but it is missing"
            faults.append(Fault(path: "apps", message: "expected a list of apps\(found)"))
            return ([], JSONPath.root)
        }
        return (list, JSONPath.root["apps"])
    }
}

/// Why an ecosystem file was refused.
package enum EcosystemError: Error, Sendable {
    case notJSON(JSONError)
    case faults([Fault])

    /// One line a fault.
    package var lines: [String] {
        switch self {
        case .notJSON(let error): ["\(error)"]
        case .faults(let faults): faults.map(\.description)
        }
    }
}

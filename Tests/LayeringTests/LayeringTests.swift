import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// Which module may import which.
///
/// A module that is not named in a row may not be imported by it; the rows stand in the order of the layers, so an
/// import always points upwards in this list.
private let allowed: [String: Set<String>] = [
    "GopmJSON": [],
    "GopmModel": ["CVersion", "GopmJSON"],
    "GopmMetrics": ["GopmJSON"],
    "GopmLifecycle": ["GopmModel"],
    "GopmWire": ["GopmJSON", "GopmModel"],
    "GopmSystem": ["CLinux", "GopmModel", "SystemPackage"],
    "GopmTerminal": ["CLinux"],
    "GopmProcfs": ["CLinux", "GopmJSON", "GopmModel", "GopmSystem", "SystemPackage"],
    "GopmLogs": ["GopmTerminal"],
    "GopmCapture": ["CLinux", "SystemPackage"],
    "GopmKeeper": ["CLinux", "GopmSystem", "SystemPackage"],
    "GopmService": ["CUnits", "GopmSystem"],
    "GopmClient": ["CLinux", "GopmJSON", "GopmModel", "GopmService", "GopmSystem", "GopmWire", "SystemPackage"],
    "GopmCommandLine": [
        "GopmClient", "GopmJSON", "GopmModel", "GopmSystem", "GopmTerminal", "ArgumentParser", "SystemPackage",
    ],
    "GopmMigration": ["CLinux", "GopmClient", "GopmJSON", "GopmModel", "GopmSystem", "GopmWire", "SystemPackage"],
    "GopmScreen": ["GopmJSON", "GopmModel", "GopmTerminal", "GopmWire"],
    "GopmDaemon": [
        "CSystemd", "CLinux", "GopmJSON", "GopmModel", "GopmLifecycle", "GopmWire", "GopmSystem", "GopmCapture",
        "GopmKeeper", "GopmLogs", "GopmMetrics", "GopmProcfs", "Logging", "SystemPackage",
    ],
    "GopmMCP": [
        "CLinux", "GopmClient", "GopmJSON", "GopmLogs", "GopmMetrics", "GopmModel", "GopmProcfs", "GopmSystem",
        "GopmTerminal", "GopmWire", "HTTPTypes", "HummingbirdCore", "Logging", "NIOCore", "NIOHTTPTypes", "NIOPosix",
        "ServiceLifecycle", "SystemPackage", "UnixSignals",
    ],
    "gopm": [
        "GopmCommandLine", "GopmClient", "GopmJSON", "GopmLogs", "GopmMetrics", "GopmModel", "GopmScreen",
        "GopmService", "GopmSystem", "GopmTerminal", "GopmWire", "ArgumentParser", "SystemPackage",
    ],
    "gopm-logs": [
        "CLinux", "GopmCommandLine", "GopmClient", "GopmJSON", "GopmLogs", "GopmModel", "GopmSystem", "GopmTerminal",
        "GopmWire", "ArgumentParser", "SystemPackage",
    ],
    "gopm-pid": [
        "GopmCommandLine", "GopmClient", "GopmJSON", "GopmModel", "GopmProcfs", "GopmSystem", "GopmTerminal",
        "GopmWire", "ArgumentParser", "SystemPackage",
    ],
    "gopm-mcp": [
        "CLinux", "GopmClient", "GopmCommandLine", "GopmJSON", "GopmMCP", "GopmModel", "GopmSystem", "GopmTerminal",
        "ArgumentParser", "SystemPackage",
    ],
    "gopm-pm2": [
        "GopmCommandLine", "GopmClient", "GopmJSON", "GopmMigration", "GopmModel", "GopmSystem", "GopmTerminal",
        "ArgumentParser", "SystemPackage",
    ],
    "gopmd": ["GopmDaemon", "GopmKeeper", "GopmModel", "GopmSystem"],
]

/// What every module may import.
private let everywhere: Set<String> = ["Glibc", "Synchronization"]

@Suite struct LayeringTests {
    private let sources = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/Sources"

    @Test func everyImportIsInTheTable() {
        for (module, imports) in allowed {
            for file in swiftFiles(in: "\(sources)/\(module)") {
                for imported in importedModules(of: file) {
                    #expect(imports.union(everywhere).contains(imported), "\(file) imports \(imported)")
                }
            }
        }
    }

    @Test func everyModuleIsInTheTable() {
        let modules = entries(of: sources).filter { !swiftFiles(in: "\(sources)/\($0)").isEmpty }
        #expect(Set(modules) == Set(allowed.keys))
    }

    @Test func theTableHasNoCircle() {
        var settled: Set<String> = []
        var left = allowed
        while let module = left.first(where: { settled.isSuperset(of: $0.value.filter { allowed[$0] != nil }) })?.key {
            settled.insert(module)
            left[module] = nil
        }
        #expect(left.isEmpty, "in a circle: \(left.keys.sorted())")
    }

    private func importedModules(of file: String) -> [String] {
        text(of: file).split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard let index = words.firstIndex(of: "import"), index <= 1, words.count > index + 1 else { return nil }
            return String(words[index + 1].prefix { $0 != "." })
        }
    }

    private func swiftFiles(in folder: String) -> [String] {
        entries(of: folder).flatMap { name -> [String] in
            let path = "\(folder)/\(name)"
            return name.hasSuffix(".swift") ? [path] : name.contains(".") ? [] : swiftFiles(in: path)
        }
    }

    private func entries(of folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    private func text(of file: String) -> String {
        guard let stream = fopen(file, "r") else { return "" }
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}

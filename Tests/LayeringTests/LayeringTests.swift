import Testing

/// Which module may import which.
///
/// A module that is not named in a row may not be imported by it; the rows stand in the order of the layers, so an
/// import always points upwards in this list.
let allowed: [String: Set<String>] = [
    "GopmJSON": [],
    "GopmModel": ["CVersion", "GopmJSON"],
    "GopmMetrics": ["GopmJSON"],
    "GopmLifecycle": ["GopmModel"],
    "GopmWire": ["GopmJSON"],
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
        "GopmClient", "GopmJSON", "GopmLogs", "GopmMetrics", "GopmModel", "GopmProcfs", "GopmSystem",
        "GopmTerminal", "GopmWire", "HTTPTypes", "HummingbirdCore", "Logging", "NIOCore", "NIOHTTPTypes", "NIOPosix",
        "ServiceLifecycle", "SystemPackage", "UnixSignals",
    ],
    "gopm": [
        "GopmCommandLine", "GopmClient", "GopmJSON", "GopmLogs", "GopmMetrics", "GopmModel", "GopmScreen",
        "GopmService", "GopmSystem", "GopmTerminal", "GopmWire", "ArgumentParser", "SystemPackage",
    ],
    "gopm-logs": [
        "CLinux", "GopmCommandLine", "GopmClient", "GopmJSON", "GopmLogs", "GopmModel", "GopmSystem", "GopmTerminal",
        "GopmWire", "ArgumentParser",
    ],
    "gopm-pid": [
        "GopmCommandLine", "GopmClient", "GopmJSON", "GopmModel", "GopmProcfs", "GopmSystem", "GopmTerminal",
        "GopmWire", "ArgumentParser", "SystemPackage",
    ],
    "gopm-mcp": [
        "CLinux", "GopmClient", "GopmCommandLine", "GopmJSON", "GopmMCP", "GopmModel", "GopmSystem", "GopmTerminal",
        "ArgumentParser",
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
    @Test func everyImportIsInTheTable() {
        for (module, imports) in allowed {
            for file in SourceTree.swiftFiles(in: "\(SourceTree.sources)/\(module)") {
                for imported in SourceTree.importedModules(of: file) {
                    #expect(imports.union(everywhere).contains(imported), "\(file) imports \(imported)")
                }
            }
        }
    }

    @Test func whatIsInTheTableIsImported() {
        for (module, imports) in allowed {
            let files = SourceTree.swiftFiles(in: "\(SourceTree.sources)/\(module)")
            let unused = imports.subtracting(files.flatMap(SourceTree.importedModules))
            #expect(unused.isEmpty, "\(module) may import \(unused.sorted()) and does not")
        }
    }

    @Test func everyModuleIsInTheTable() {
        let modules = SourceTree.entries(of: SourceTree.sources).filter {
            !SourceTree.swiftFiles(in: "\(SourceTree.sources)/\($0)").isEmpty
        }
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
}

// swift-tools-version:6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let strictC: [CSetting] = [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]

let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

/// What an HTTP server takes; gopm-mcp alone links it.
let http: [Target.Dependency] = [
    .product(name: "HummingbirdCore", package: "hummingbird"),
    .product(name: "HTTPTypes", package: "swift-http-types"),
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
    .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
    .product(name: "UnixSignals", package: "swift-service-lifecycle"),
]

/// Programs without libsystemd need no shared library at all; a release of them is one file that runs anywhere.
let fullyStatic: [LinkerSetting] = [.unsafeFlags(["-static-executable"], .when(configuration: .release))]

func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func program(
    _ name: String,
    _ dependencies: [Target.Dependency],
    path: String? = nil,
    linker: [LinkerSetting] = fullyStatic
) -> Target {
    .executableTarget(
        name: name,
        dependencies: dependencies,
        path: path,
        swiftSettings: settings,
        linkerSettings: linker
    )
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let package = Package(
    name: "gopm",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        // Without its traits: they bring Foundation.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .target(name: "CLinux", cSettings: strictC),
        .target(name: "CVersion", cSettings: strictC),
        .target(name: "CUnits", cSettings: strictC),

        library("GopmJSON", []),
        library("GopmModel", ["CVersion", "GopmJSON"]),
        library("GopmMetrics", ["GopmJSON"]),
        library("GopmLifecycle", ["GopmModel"]),
        library("GopmWire", ["GopmJSON"]),
        library("GopmSystem", ["CLinux", "GopmModel", system]),
        library("GopmTerminal", ["CLinux"]),
        library("GopmProcfs", ["CLinux", "GopmJSON", "GopmModel", "GopmSystem", system]),
        library("GopmLogs", ["GopmTerminal"]),
        library("GopmCapture", ["CLinux", system]),
        library("GopmKeeper", ["CLinux", "GopmSystem", system]),
        library("GopmService", ["CUnits", "GopmSystem"]),
        library("GopmClient", ["CLinux", "GopmJSON", "GopmModel", "GopmService", "GopmSystem", "GopmWire", system]),
        library(
            "GopmCommandLine",
            ["GopmClient", "GopmJSON", "GopmModel", "GopmSystem", "GopmTerminal", arguments, system]
        ),
        library(
            "GopmMigration",
            ["CLinux", "GopmClient", "GopmJSON", "GopmModel", "GopmSystem", "GopmWire", system]
        ),
        library("GopmScreen", ["GopmJSON", "GopmModel", "GopmTerminal", "GopmWire"]),
        library(
            "GopmDaemon",
            [
                "CSystemd", "CLinux", "GopmJSON", "GopmModel", "GopmLifecycle", "GopmWire", "GopmSystem", "GopmCapture",
                "GopmKeeper", "GopmLogs", "GopmMetrics", "GopmProcfs", logging, system,
            ]
        ),

        program(
            "gopm",
            [
                "GopmCommandLine", "GopmClient", "GopmJSON", "GopmLogs", "GopmMetrics", "GopmModel", "GopmScreen",
                "GopmService",
                "GopmSystem",
                "GopmTerminal", "GopmWire", arguments, system,
            ]
        ),
        program(
            "gopm-logs",
            [
                "CLinux", "GopmCommandLine", "GopmClient", "GopmJSON", "GopmLogs", "GopmModel", "GopmSystem",
                "GopmTerminal", "GopmWire", arguments,
            ]
        ),
        program(
            "gopm-pid",
            [
                "GopmCommandLine", "GopmClient", "GopmJSON", "GopmModel", "GopmProcfs", "GopmSystem", "GopmTerminal",
                "GopmWire", arguments, system,
            ]
        ),
        library(
            "GopmMCP",
            [
                "GopmClient", "GopmJSON", "GopmLogs", "GopmMetrics", "GopmModel", "GopmProcfs", "GopmSystem",
                "GopmTerminal", "GopmWire", logging, system,
            ] + http
        ),
        program(
            "gopm-mcp",
            [
                "CLinux", "GopmClient", "GopmCommandLine", "GopmJSON", "GopmMCP", "GopmModel", "GopmSystem",
                "GopmTerminal", arguments,
            ]
        ),
        program(
            "gopm-pm2",
            [
                "GopmCommandLine", "GopmClient", "GopmJSON", "GopmMigration", "GopmModel", "GopmSystem", "GopmTerminal",
                arguments, system,
            ]
        ),
        program("gopmd", ["GopmDaemon", "GopmKeeper", "GopmModel", "GopmSystem"], linker: []),

        program("testapp", [], path: "Tests/testapp", linker: []),
        program("capture-helper", ["GopmCapture"], path: "Tests/capture-helper", linker: []),
        program("document-check", ["GopmModel"], path: "Tests/document-check", linker: []),
        tests("GopmJSONTests", ["GopmJSON", "SeededRandom"]),
        tests("GopmMetricsTests", ["GopmJSON", "GopmMetrics"]),
        tests("GopmModelTests", ["GopmJSON", "GopmModel", "SeededRandom"]),
        tests("GopmLifecycleTests", ["GopmModel", "GopmLifecycle", "SeededRandom"]),
        tests("GopmWireTests", ["GopmJSON", "GopmWire", "SeededRandom"]),
        tests("GopmSystemTests", ["CLinux", "GopmSystem", system]),
        tests("GopmServiceTests", ["GopmService", "GopmSystem"]),
        tests("GopmProcfsTests", ["GopmProcfs", "GopmSystem", system, "SeededRandom"]),
        tests("GopmTerminalTests", ["CLinux", "GopmTerminal", "SeededRandom"]),
        tests("GopmScreenTests", ["GopmJSON", "GopmModel", "GopmScreen", "GopmTerminal", "GopmWire"]),
        tests("GopmLogsTests", ["GopmLogs", "GopmTerminal", "SeededRandom"]),
        tests("GopmMCPTests", ["GopmClient", "GopmJSON", "GopmMCP", "GopmModel", "GopmSystem"]),
        tests("GopmCaptureTests", ["GopmCapture", "capture-helper", "CLinux", system]),
        tests("GopmKeeperTests", ["GopmKeeper", "gopmd", "CLinux", "GopmSystem", system]),
        tests("GopmMigrationTests", ["GopmJSON", "GopmMigration", "GopmModel", "GopmTestSupport", "SeededRandom"]),
        tests("GopmDaemonTests", ["GopmDaemon", "GopmModel", "GopmSystem"]),
        tests("LayeringTests", []),

        .target(name: "SeededRandom", path: "Tests/SeededRandom", swiftSettings: settings),
        .target(
            name: "GopmTestSupport",
            dependencies: ["CLinux", "GopmJSON"],
            path: "Tests/GopmTestSupport",
            swiftSettings: settings
        ),
        tests(
            "FaultTests",
            [
                "GopmTestSupport", "GopmDaemon", "GopmJSON", "GopmSystem", "CLinux", "gopm", "gopmd", "gopm-logs",
                "testapp", "soak", logging,
            ]
        ),
        program(
            "soak",
            ["GopmTestSupport", "GopmJSON", "SeededRandom", "gopm", "gopmd", "testapp"],
            path: "Tests/soak",
            linker: []
        ),
        tests(
            "SystemdTests",
            [
                "GopmTestSupport", "GopmJSON", "gopm", "gopmd", "gopm-logs", "gopm-mcp", "gopm-pid", "gopm-pm2",
                "testapp",
            ]
        ),
        tests(
            "IntegrationTests",
            [
                "GopmTestSupport", "GopmJSON", "GopmMigration", "gopm", "gopmd", "gopm-logs", "gopm-mcp", "gopm-pid",
                "gopm-pm2", "testapp", "document-check",
            ]
        ),
    ]
)

// Only for `make fuzz`, as it needs a library of the compiler's.
if Context.environment["GOPM_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "GopmCapture", "GopmDaemon", "GopmJSON", "GopmKeeper", "GopmLogs", "GopmMCP", "GopmMetrics",
                "GopmMigration", "GopmModel", "GopmProcfs", "GopmSystem", "GopmTerminal", "GopmWire",
            ],
            path: "Tests/fuzz",
            exclude: ["seeds"],
            swiftSettings: settings,
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]
        )
    )
}

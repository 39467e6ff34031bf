import GopmModel

#if canImport(Glibc)
    import Glibc
#endif

/// Reads documents from standard input, one a line, and says of each on a line what gopm says: `ok`, or its faults.
///
///     document-check ecosystem|config
@main
enum DocumentCheck {
    static func main() {
        while let line = readLine() {
            let bytes = Array(line.utf8)
            let faults: [String]
            switch CommandLine.arguments.dropFirst().first {
            case "ecosystem": faults = ecosystemFaults(bytes)
            case "config": faults = configFaults(bytes)
            default: exit(64)
            }
            // A fault quotes what it found, newlines included.
            let line = faults.joined(separator: " | ").split(separator: "\n", omittingEmptySubsequences: false)
            print(faults.isEmpty ? "ok" : line.joined(separator: "\\n"))
        }
    }

    private static func ecosystemFaults(_ bytes: [UInt8]) -> [String] {
        do {
            _ = try EcosystemFile(parsing: bytes)
            return []
        } catch {
            return error.lines
        }
    }

    private static func configFaults(_ bytes: [UInt8]) -> [String] {
        do {
            _ = try Config.parse(bytes)
            return []
        } catch {
            return error.lines
        }
    }
}

#if canImport(Glibc)
    import Glibc
#endif

/// The variables that this process was started with.
package enum Environment {
    package static func value(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}

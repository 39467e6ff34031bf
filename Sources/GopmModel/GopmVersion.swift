/// The version of the whole toolkit.
///
/// `version.txt` at the root of the repository is its only source.
package enum GopmVersion {
    /// For example `0.1.0`, without a line end.
    package static let text = String(
        decoding: PackageResources.version_txt.prefix { $0 != UInt8(ascii: "\n") },
        as: UTF8.self
    )
}

internal import CVersion

/// The version of the whole toolkit.
///
/// `version.txt` at the root of the repository is its only source.
package enum GopmVersion {
    /// For example `0.1.0`, without a line end.
    package static let text = String(String(cString: gopm_version_text()).prefix { !$0.isNewline })
}

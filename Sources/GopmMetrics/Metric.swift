/// One number that gopm tells about a process or about itself, and how its receivers are to understand it.
///
/// Each encoder walks the same tables (``ProcessMetrics/all``, ``DaemonMetrics/all``), so no name, type or order differs
/// between them.
package struct Metric<Subject>: Sendable {
    package enum Kind: Sendable {
        case gauge
        /// Only grows, until it begins anew at 0.
        case counter
    }

    /// How the number is written; a field of a database must never change its type.
    package enum Form: Sendable {
        case integer
        /// A fraction, kept in tenths.
        case tenths
        /// 0 or 1, a boolean where there are booleans.
        case flag
    }

    package let name: String
    package let kind: Kind
    package let form: Form
    /// A sentence for people.
    package let help: String
    /// Only told of a process that is online.
    let needsLife: Bool
    /// Where the number is.
    package let value: any WritableKeyPath<Subject, Int> & Sendable

    init(
        _ name: String,
        _ kind: Kind,
        _ value: any WritableKeyPath<Subject, Int> & Sendable,
        _ help: String,
        form: Form = .integer,
        needsLife: Bool = false
    ) {
        self.name = name
        self.kind = kind
        self.form = form
        self.help = help
        self.needsLife = needsLife
        self.value = value
    }
}

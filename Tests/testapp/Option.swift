/// One row of the table of options: how it is written, what it does, what `--help` says.
struct Option: Sendable {
    enum Value: Sendable {
        case none(@Sendable (inout Plan) -> Void)
        case required(@Sendable (inout Plan, String) throws(UsageError) -> Void)
        /// The next argument unless that is an option itself.
        case optional(@Sendable (inout Plan, String?) -> Void)
    }

    let name: String
    /// Such as `--exit N`.
    let usage: String
    let help: String
    let value: Value

    /// Sets something.
    static func flag(_ name: String, _ help: String, set: @escaping @Sendable (inout Plan) -> Void) -> Self {
        Self(name: name, usage: "--\(name)", help: help, value: .none(set))
    }

    /// Does something once, in its turn.
    static func act(_ name: String, _ help: String, thenStays: Bool = false, act: @escaping Plan.Act) -> Self {
        flag(name, help) { plan in
            plan.acts.append(act)
            if thenStays { plan.stays = true }
        }
    }

    static func value<Parsed>(
        _ name: String,
        _ placeholder: String,
        _ help: String,
        parse: @escaping @Sendable (String) throws(UsageError) -> Parsed,
        set: @escaping @Sendable (inout Plan, Parsed) -> Void
    ) -> Self {
        let value = Value.required { (plan, text) throws(UsageError) in set(&plan, try parse(text)) }
        return Self(name: name, usage: "--\(name) \(placeholder)", help: help, value: value)
    }

    static func optionalText(
        _ name: String,
        _ placeholder: String,
        _ help: String,
        set: @escaping @Sendable (inout Plan, String?) -> Void
    ) -> Self {
        Self(name: name, usage: "--\(name) [\(placeholder)]", help: help, value: .optional(set))
    }
}

/// A command line that says nothing we understand; `message` names the option.
struct UsageError: Error {
    let message: String
}

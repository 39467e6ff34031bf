package import GopmJSON

/// Keeps secrets that programs are given in their environment from being shown.
///
/// A variable is hidden if its name or its value looks like a secret. That is a guess: it hides a little too much rather
/// than too little.
package enum SecretMask {
    /// Stands in place of a value.
    package static let text = "<masked>"

    private static let words = [
        "SECRET", "TOKEN", "PASSWORD", "PASSWD", "PASSPHRASE", "PASS", "PWD", "APIKEY", "KEY", "PRIVATE", "CREDENTIAL",
        "CREDENTIALS", "CREDS", "AUTH", "AUTHORIZATION", "BEARER", "COOKIE", "SALT", "SIGNATURE", "DSN", "JWT", "OAUTH",
        "SESSION", "PIN", "OTP", "CERT", "WEBHOOK",
    ]

    /// Parts of names that are written in one word.
    private static let parts = ["SECRET", "TOKEN", "PASSWORD", "PASSWD", "APIKEY", "CREDENTIAL", "PRIVATEKEY"]

    /// How values of well-known services begin.
    private static let prefixes = [
        "sk-", "sk_live_", "rk_live_", "pk_live_", "ghp_", "gho_", "ghs_", "ghu_", "github_pat_", "glpat-", "xoxb-",
        "xoxp-", "xapp-", "AKIA", "ASIA", "AIza", "ya29.", "eyJ", "npm_", "pypi-", "hf_", "SG.", "dop_v1_",
        "-----BEGIN",
    ]

    package static func isSecret(name: String, value: String) -> Bool {
        // Nothing is there to be kept.
        guard !value.isEmpty else { return false }
        return hasSecretName(name) || hasSecretValue(value)
    }

    private static func hasSecretName(_ name: String) -> Bool {
        // The shell's working folders.
        guard name != "PWD", name != "OLDPWD" else { return false }
        let upper = name.uppercased()
        let pieces = upper.split { !($0.isLetter || $0.isNumber) }
        return pieces.contains { words.contains(String($0)) } || parts.contains { upper.contains($0) }
    }

    private static func hasSecretValue(_ value: String) -> Bool {
        prefixes.contains { value.hasPrefix($0) && value.utf8.count >= $0.utf8.count + 8 } || hasPasswordInURL(value)
    }

    /// `scheme://user:password@host`.
    private static func hasPasswordInURL(_ value: String) -> Bool {
        let bytes = Array(value.utf8)
        var index = 0
        while index + 3 <= bytes.count {
            guard bytes[index...].starts(with: "://".utf8) else {
                index += 1
                continue
            }
            let authority = bytes[(index + 3)...].prefix { !"/?# ".utf8.contains($0) }
            if let at = authority.lastIndex(of: UInt8(ascii: "@")),
                let colon = authority[..<at].firstIndex(of: UInt8(ascii: ":")), colon + 1 < at
            {
                return true
            }
            index += 3
        }
        return false
    }
}

extension SecretMask {
    /// A map of variables without its secrets.
    package static func masked(_ environment: [String: String]) -> [String: String] {
        environment.reduce(into: [:]) { result, variable in
            result[variable.key] = isSecret(name: variable.key, value: variable.value) ? text : variable.value
        }
    }

    /// JSON in which the strings of every object under a key `env` are masked, as deep as there are any.
    package static func masked(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let object):
            return .object(
                JSONObject(
                    object.members.map { member in
                        let inner = member.key == "env" ? maskedVariables(member.value) : masked(member.value)
                        return JSONObject.Member(key: member.key, value: inner)
                    }
                )
            )
        case .array(let values): return .array(values.map { masked($0) })
        case .null, .bool, .integer, .double, .string: return value
        }
    }

    private static func maskedVariables(_ value: JSONValue) -> JSONValue {
        guard let object = value.objectValue else { return masked(value) }
        return .object(
            JSONObject(
                object.members.map { member in
                    guard let text = member.value.stringValue, isSecret(name: member.key, value: text) else {
                        return member
                    }
                    return JSONObject.Member(key: member.key, value: .string(SecretMask.text))
                }
            )
        )
    }
}

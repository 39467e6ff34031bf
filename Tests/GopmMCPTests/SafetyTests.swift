import GopmJSON
import Testing

@testable import GopmMCP

@Suite struct SecretMaskTests {
    @Test(arguments: [
        "API_TOKEN", "TOKEN", "GITHUB_TOKEN", "DB_PASSWORD", "password", "PGPASSWORD", "MYSQL_PWD",
        "AWS_SECRET_ACCESS_KEY",
        "STRIPE_KEY", "apiKey", "APIKEY", "SECRET_KEY_BASE", "SENTRY_DSN", "JWT_SECRET", "SESSION_SECRET",
        "PRIVATE_KEY",
        "BASIC_AUTH", "COOKIE_SALT", "my-secret",
    ])
    func hidesByName(name: String) {
        #expect(SecretMask.isSecret(name: name, value: "x"))
    }

    @Test(arguments: [
        "postgres://user:pw@db/app", "redis://:pw@localhost:6379", "x https://u:p@host/path y", "sk-abcdefgh1234",
        "ghp_0123456789abcdef", "AKIAIOSFODNN7EXAMPLE", "eyJhbGciOiJIUzI1NiJ9.e30.x", "-----BEGIN PRIVATE KEY-----",
    ])
    func hidesByValue(value: String) {
        #expect(SecretMask.isSecret(name: "VALUE", value: value))
    }

    @Test(arguments: [
        ("PORT", "8080"), ("NODE_ENV", "production"), ("PWD", "/srv"), ("OLDPWD", "/"), ("PATH", "/usr/bin:/bin"),
        ("URL", "https://example.com:8080/a@b"), ("DATABASE_URL", "postgres://localhost/app"), ("KEYBOARD", "us"),
        ("AUTHOR", "me"), ("PASSENGER_COUNT", "3"), ("API_TOKEN", ""), ("MONKEY", "x"), ("TIME", "12:30@noon"),
    ])
    func showsTheRest(name: String, value: String) {
        #expect(!SecretMask.isSecret(name: name, value: value))
    }

    @Test func masksEveryEnvInATree() throws {
        let value = try json(
            #"{"env":{"TOKEN":"t","PORT":"1"},"list":[{"env":{"KEY":"k"}}],"TOKEN":"kept","deep":{"env":[{"env":{"DSN":"d"}}]}}"#
        )
        let masked = try json(
            #"{"env":{"TOKEN":"<masked>","PORT":"1"},"list":[{"env":{"KEY":"<masked>"}}],"TOKEN":"kept","deep":{"env":[{"env":{"DSN":"<masked>"}}]}}"#
        )
        #expect(SecretMask.masked(value) == masked)
    }
}

@Suite struct HostCheckTests {
    private let loopback = HostCheck(addresses: ["127.0.0.1"], machine: ["server.lan", "server"], port: 18999)
    private let network = HostCheck(
        addresses: ["10.0.0.5", "fd00::5"],
        machine: ["server.lan", "server"],
        port: 18999
    )

    @Test(arguments: ["127.0.0.1:18999", "localhost:18999", "LOCALHOST:18999", "[::1]:18999"])
    func ownNamesPass(host: String) {
        #expect(loopback.allows(host: host))
        #expect(loopback.allows(origin: "http://\(host)"))
    }

    @Test(arguments: [
        "", "127.0.0.1", "127.0.0.1:80", "evil.example:18999", "localhost.evil.example:18999", "server:18999",
        "10.0.0.5:18999", "[::1]18999", "[::1]118999", "[localhost]x18999", "[::1", ":18999", "127.0.0.1:018999",
        "127.0.0.1:18999x", "127.0.0.1:+8999",
        "user@127.0.0.1:18999",
    ])
    func othersDoNot(host: String) {
        #expect(!loopback.allows(host: host))
        #expect(!loopback.allows(origin: "http://\(host)"))
    }

    @Test func onANetworkTheMachinesNamesPassToo() {
        for host in ["10.0.0.5:18999", "[fd00::5]:18999", "server:18999", "Server.LAN:18999"] {
            #expect(network.allows(host: host), "\(host)")
        }
        #expect(!network.allows(host: "10.0.0.6:18999"))
    }

    @Test func programsSendNoOriginAndNoneIsNoOrigin() {
        #expect(loopback.allows(origin: nil))
        #expect(!loopback.allows(host: nil))
        for origin in ["null", "", "file://", "127.0.0.1:18999", "ftp://127.0.0.1:18999", "chrome-extension://abc"] {
            #expect(!loopback.allows(origin: origin), "\(origin)")
        }
    }

    @Test func port80NeedsNoPort() {
        let check = HostCheck(addresses: ["127.0.0.1"], machine: [], port: 80)
        #expect(check.allows(host: "127.0.0.1"))
        #expect(check.allows(host: "127.0.0.1:80"))
    }
}

@Suite struct AccessTokenTests {
    @Test(arguments: [
        ("Bearer abc", true), ("bearer abc", true), ("Bearer abcd", false), ("Bearer ab", false), ("Bearer ", false),
        ("Basic abc", false), ("abc", false), ("", false),
    ])
    func isBorne(header: String, expected: Bool) {
        #expect(AccessToken.isBorne(by: header, token: "abc") == expected)
    }

    @Test func withoutATokenNobodyBearsIt() {
        #expect(!AccessToken.isBorne(by: "Bearer abc", token: nil))
        #expect(!AccessToken.isBorne(by: nil, token: "abc"))
    }
}

@Suite struct ConnectionDeadlinesTests {
    @Test func eachStateHasItsLimit() {
        var deadlines = ConnectionDeadlines()
        #expect(deadlines.limit == ConnectionDeadlines.head)
        deadlines.note(.requestHead)
        #expect(deadlines.limit == ConnectionDeadlines.body)
        deadlines.note(.requestEnd)
        #expect(deadlines.limit == nil)
        deadlines.note(.writable(false))
        #expect(deadlines.limit == ConnectionDeadlines.stuck)
        deadlines.note(.writable(true))
        deadlines.note(.responseEnd)
        #expect(deadlines.limit == ConnectionDeadlines.idle)
    }

    /// An early refusal does not stop the clock of the body that is still coming.
    @Test func anAnswerBeforeTheBodyIsReadKeepsTheBodysLimit() {
        var deadlines = ConnectionDeadlines()
        deadlines.note(.requestHead)
        deadlines.note(.responseEnd)
        #expect(deadlines.limit == ConnectionDeadlines.body)
        deadlines.note(.requestEnd)
        #expect(deadlines.limit == ConnectionDeadlines.idle)
    }
}

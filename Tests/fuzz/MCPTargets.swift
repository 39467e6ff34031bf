import GopmJSON
import GopmModel

@testable import GopmMCP

enum MCPTargets {
    /// The body of a POST, and a session's messages, a line each: every answer is JSON, an accepted name stays one, and
    /// no secret value is left in what was masked.
    static func messages(_ bytes: [UInt8]) {
        var lifecycle = SessionLifecycle()
        for line in bytes.split(separator: 0x0a) {
            let body: JSONValue
            do throws(RPCError) {
                body = try RPCMessage.parse(Array(line))
            } catch {
                check(RPCText.error(error, to: nil))
                continue
            }
            decide(body)
            do throws(RPCError) {
                switch lifecycle.receive(try RPCMessage(body)) {
                case .welcome(let request, let revision):
                    precondition(!revision.isStateless, "a session of an era without")
                    check(RPCText.result(ServerIdentity.welcome(revision), to: request.id))
                case .refuse(let id, let error): check(RPCText.error(error, to: id))
                case .answer, .cancel, .ignore: break
                }
            } catch {
                check(RPCText.error(error, to: RPCMessage.id(of: body)))
            }
            precondition(SecretMask.masked(SecretMask.masked(body)) == SecretMask.masked(body))
        }
    }

    private static func decide(_ body: JSONValue) {
        for version in [[], ["2025-06-18"], ["2026-07-28"], ["2026-07-28", "2026-07-28"]] {
            let method = body["method"]?.stringValue.map { [$0] } ?? []
            let name = body["params"]?["name"]?.stringValue.map { [$0] } ?? []
            let headers = RoutingHeaders(version: version, method: method, name: name)
            for session in [nil, "s"] {
                switch PostDecision(body, headers: headers, session: session) {
                case .stateless(let request, let envelope):
                    precondition(envelope.revision.isStateless && headers.method == [request.method])
                case .refused(let status, let error, let id):
                    precondition((200...499).contains(status))
                    check(RPCText.error(error, to: id))
                case .initialize, .inSession, .accepted: break
                }
            }
        }
    }

    private static func check(_ message: [UInt8]) {
        precondition(!message.contains(0x0a) && (try? JSONValue.parse(message)) != nil, "no message")
    }

    /// Headers and addresses: a token is borne by itself alone, a host is allowed by name alone.
    static func headers(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        precondition(!AccessToken.isBorne(by: text, token: nil))
        let token = "d0c0ffee"
        if AccessToken.isBorne(by: text, token: token) { precondition(text.utf8.count == 7 + token.utf8.count) }
        let check = HostCheck(addresses: ["127.0.0.1"], machine: ["here"], port: 18999)
        if check.allows(host: text) {
            let names = ["localhost:18999", "127.0.0.1:18999", "[::1]:18999", "[localhost]:18999", "[127.0.0.1]:18999"]
            precondition(names.contains(text.lowercased()) || text.hasSuffix(":18999"), "another host")
        }
        if check.allows(origin: text) { precondition(text.hasPrefix("http")) }
        if let decoded = HeaderText.decode(text), !text.hasPrefix("=?") { precondition(decoded == text) }
        if let uri = ResourceURI(text), ResourceURI(uri.text) != uri {
            precondition(text.contains("%"), "an address is not its own")
        }
    }
}

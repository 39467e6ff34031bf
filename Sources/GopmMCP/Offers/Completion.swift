import GopmJSON
import GopmModel

/// Names of processes, while a user types one.
struct Completion: Sendable {
    let daemon: DaemonCalls
    let prompts: [Prompts.Prompt]

    /// As many as a result may have.
    private static let limit = 100

    func complete(_ params: JSONObject, _ revision: Revision) async throws(RPCError) -> [UInt8] {
        guard let argument = params["argument"], let name = argument["name"]?.stringValue,
            let typed = argument["value"]?.stringValue
        else { throw RPCError(.invalidParameters, "params.argument is missing, or has no name and value") }
        guard let known = argumentNames(params["ref"]) else {
            throw RPCError(.invalidParameters, "params.ref is no prompt or resource template of this server")
        }
        let names = known.contains(name) ? ((try? await daemon.records()) ?? []).map(\.spec.name) : []
        let matching = names.filter { $0.hasPrefix(typed) }.sorted()
        return ResultText.encode(revision) { json in
            json.member("completion") { json in
                json.object { json in
                    json.member("values", Array(matching.prefix(Completion.limit)))
                    json.member("total", matching.count)
                    json.member("hasMore", matching.count > Completion.limit)
                }
            }
        }
    }

    /// The arguments of what is referred to; nil if there is no such thing.
    private func argumentNames(_ reference: JSONValue?) -> [String]? {
        switch reference?["type"]?.stringValue {
        case "ref/prompt":
            let name = reference?["name"]?.stringValue
            return prompts.first { $0.name == name }?.arguments.map(\.name)
        case "ref/resource":
            let uri = reference?["uri"]?.stringValue
            return Resources.templates.contains { $0.uri == uri } ? ["name"] : nil
        default: return nil
        }
    }
}

import GopmJSON

/// What is offered, behind every transport and in every revision: a request in, a result out.
package struct MCPServer: Sendable {
    package let feed: ChangeFeed
    private let tools: [Tool]
    private let resources: Resources
    private let prompts: Prompts
    private let completion: Completion

    /// Milliseconds for which lists that never change while a server runs may be kept: it may be started anew with
    /// another config.
    private static let listLifetime = 60_000

    package init(toolbox: Toolbox, feed: ChangeFeed) {
        self.feed = feed
        tools = toolbox.allowed
        resources = Resources(daemon: toolbox.daemon)
        prompts = Prompts(daemon: toolbox.daemon)
        completion = Completion(daemon: toolbox.daemon, prompts: Prompts.all)
    }

    /// Whether a request may want to be told of progress.
    func isSlow(_ request: RPCRequest) -> Bool {
        guard request.method == "tools/call", request.progressToken != nil else { return false }
        return tools.contains { $0.name == request.params["name"]?.stringValue && $0.isSlow }
    }

    /// Answers a request; those that concern a session or a stream are handled before it gets here.
    package func answer(_ request: RPCRequest, _ caller: Caller) async throws(RPCError) -> [UInt8] {
        let (revision, params) = (caller.revision, request.params)
        switch request.method {
        case "server/discover" where revision.isStateless: return ServerIdentity.discovery(revision)
        case "ping" where !revision.isStateless: return ResultText.encode(revision) { _ in }
        case "tools/list":
            try refuseCursor(params)
            return ResultText.encode(revision, freshFor: MCPServer.listLifetime) { json in
                json.member("tools") { json in
                    json.array { json in for tool in tools { tool.encode(into: &json, for: revision) } }
                }
            }
        case "tools/call": return try await callTool(params, caller)
        case "resources/list": return try await resources.list(params, revision)
        case "resources/templates/list":
            try refuseCursor(params)
            return resources.templates(revision)
        case "resources/read": return try await resources.read(params, revision)
        case "prompts/list":
            try refuseCursor(params)
            return prompts.list(revision)
        case "prompts/get": return try await prompts.get(params, revision)
        case "completion/complete": return try await completion.complete(params, revision)
        default: throw .methodNotFound(request.method)
        }
    }

    private func callTool(_ params: JSONObject, _ caller: Caller) async throws(RPCError) -> [UInt8] {
        guard let name = params["name"]?.stringValue else {
            throw RPCError(.invalidParameters, "params.name is missing or not a string")
        }
        guard let tool = tools.first(where: { $0.name == name }) else {
            throw RPCError(.invalidParameters, "unknown tool \"\(name)\" (tools/list shows those that are allowed)")
        }
        let arguments: JSONObject
        switch params["arguments"] {
        case nil, .null: arguments = JSONObject()
        case .object(let given): arguments = given
        case .some(let other):
            throw RPCError(.invalidParameters, "params.arguments is \(other.kindName), not an object")
        }
        let output = await tool.run(ToolCall(arguments: arguments, caller: caller))
        return ResultText.encode(caller.revision) { output.encode(into: &$0, for: caller.revision) }
    }

    /// Lists of one page hand out no cursor.
    private func refuseCursor(_ params: JSONObject) throws(RPCError) {
        guard params["cursor"] == nil || params["cursor"] == .null else {
            throw RPCError(.invalidParameters, "params.cursor is none that was given out")
        }
    }
}

package import GopmJSON
package import GopmModel

/// One thing that a client can have done.
package struct Tool: Sendable {
    /// How a client may treat it without asking; hints of the protocol.
    package struct Effects: Sendable, Hashable {
        var isReadOnly = false
        var isDestructive = false
        /// Whether doing it twice is as good as once.
        var isIdempotent = false

        static let none = Effects(isReadOnly: true, isIdempotent: true)
    }

    package typealias Body = @Sendable (ToolCall) async throws(ToolFailure) -> ToolOutput

    package var name: String
    package var title: String
    /// For a model that chooses among tools.
    package var description: String
    /// What `mcpserver.allow` must hold for it to exist.
    package var group: Config.MCPAccess
    package var effects: Effects
    package var input: Schema
    package var output: Schema
    /// Whether it may take longer than a client waits without a sign of life.
    var isSlow = false
    package var body: Body
}

extension Tool {
    /// Writes its entry of the list.
    func encode(into json: inout JSONWriter, for revision: Revision) {
        json.object { json in
            json.member("name", name)
            if revision.hasTitlesAndStructure { json.member("title", title) }
            json.member("description", description)
            json.member("inputSchema") { input.encode(into: &$0) }
            if revision.hasTitlesAndStructure { json.member("outputSchema") { output.encode(into: &$0) } }
            if revision.hasToolAnnotations {
                json.member("annotations") { json in
                    json.object { json in
                        json.member("title", title)
                        json.member("readOnlyHint", effects.isReadOnly)
                        json.member("destructiveHint", effects.isDestructive)
                        json.member("idempotentHint", effects.isIdempotent)
                        // What it deals with is this machine.
                        json.member("openWorldHint", false)
                    }
                }
            }
        }
    }

    /// Checks the arguments and does it; what goes wrong is told to the model, which can mend it.
    func run(_ call: ToolCall) async -> ToolOutput {
        let faults = input.faults(of: .object(call.arguments))
        guard faults.isEmpty else { return .failure(faults.joined(separator: "\n")) }
        do throws(ToolFailure) {
            return try await body(call)
        } catch {
            return .failure(error.message)
        }
    }
}

/// One use of a tool.
package struct ToolCall: Sendable {
    package var arguments: JSONObject
    package var caller: Caller

    package func text(_ name: String) -> String? { arguments[name]?.stringValue }
    package func number(_ name: String) -> Int? { arguments[name]?.integerValue.map { Int($0) } }
    package func flag(_ name: String) -> Bool { arguments[name]?.boolValue ?? false }
    /// An argument that the schema requires.
    package func required(_ name: String) -> String { text(name) ?? "" }
}

/// Why a tool did not do it, in words for the model.
package struct ToolFailure: Error, Sendable, Hashable {
    package var message: String

    package init(_ message: String) {
        self.message = message
    }
}

/// What a tool says: text, and beside it the same as data.
package struct ToolOutput: Sendable, Hashable {
    /// Each a block of its own, so that what a program wrote cannot look like a remark of ours.
    package var texts: [String]
    /// JSON text of an object; nil only for a failure.
    package var structured: [UInt8]?
    package var isError = false

    package init(_ texts: String..., structured: [UInt8]) {
        self.texts = texts
        self.structured = structured
    }

    private init(failure: String) {
        texts = [failure]
        isError = true
    }

    package static func failure(_ message: String) -> ToolOutput { ToolOutput(failure: message) }

    func encode(into json: inout JSONWriter, for revision: Revision) {
        json.member("content") { json in
            json.array { json in for text in texts { json.textContent(text) } }
        }
        if revision.hasTitlesAndStructure, let structured { json.member("structuredContent", raw: structured) }
        json.member("isError", isError)
    }
}

extension JSONWriter {
    /// Writes a block of text.
    mutating func textContent(_ text: String) {
        object { json in
            json.member("type", "text")
            json.member("text", text)
        }
    }
}

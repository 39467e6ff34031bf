import GopmJSON
import GopmModel
import GopmWire

/// What a client asked to be told: `{"method":"subscribe","params":{"samples":true}}`.
struct Subscription: Sendable {
    /// Borne by each of its events.
    var id: JSONValue?
    /// Whether it wants CPU and memory after each sample, beside changes.
    var hasSamples: Bool

    init(_ request: Request) throws(RequestError) {
        var fields = FieldReader(request.params)
        id = request.id
        hasSamples = fields.bool("samples") ?? false
        try fields.refuseFaults()
    }
}

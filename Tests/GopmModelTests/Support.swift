import GopmJSON
import GopmModel

/// Swift Testing has one of the same name.
typealias ExitStatus = GopmModel.ExitStatus

/// The object that a text is.
func object(_ text: String) throws -> JSONObject {
    struct NotAnObject: Error {}
    guard let object = try JSONValue.parse(Array(text.utf8)).objectValue else { throw NotAnObject() }
    return object
}

/// What `body` writes.
func written(_ body: (inout JSONWriter) -> Void) -> String {
    var writer = JSONWriter()
    body(&writer)
    return String(decoding: writer.bytes, as: UTF8.self)
}

/// The lines with which an ecosystem file is refused; empty if it is not.
func refusal(of text: String) -> [String] {
    do throws(EcosystemError) {
        _ = try EcosystemFile(parsing: Array(text.utf8))
        return []
    } catch {
        return error.lines
    }
}

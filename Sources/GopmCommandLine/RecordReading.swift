import GopmJSON
package import GopmModel

/// Process objects as the daemon sends them.
package enum RecordReading {
    /// One object, or a list of them.
    package static func records(_ data: [UInt8]) throws(CommandFailure) -> [ProcessRecord] {
        guard let document = try? JSONValue.parse(data) else { throw CommandFailure("the daemon sent no JSON") }
        let values = document.arrayValue ?? [document]
        return values.compactMap { value in
            value.objectValue.map { object in
                var fields = FieldReader(object)
                return ProcessRecord(from: &fields)
            }
        }
    }

    /// The one object that is expected.
    package static func first(_ data: [UInt8]) throws(CommandFailure) -> ProcessRecord {
        guard let record = try records(data).first else { throw CommandFailure("the daemon sent no process") }
        return record
    }
}

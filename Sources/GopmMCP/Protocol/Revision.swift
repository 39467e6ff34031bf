/// The revisions of the Model Context Protocol that are spoken, oldest first.
package enum Revision: String, Sendable, CaseIterable, Comparable {
    case november2024 = "2024-11-05"
    case march2025 = "2025-03-26"
    case june2025 = "2025-06-18"
    case november2025 = "2025-11-25"
    case july2026 = "2026-07-28"

    /// The revision that is offered to a client which asks for one that is not known.
    static let latestWithSession = november2025

    /// Whether each request stands by itself and carries its own envelope, without a session around it.
    var isStateless: Bool { self >= .july2026 }
    /// Several messages in one array came with 2025-03-26 and went with the next revision.
    var hasBatches: Bool { self == .march2025 }
    var hasToolAnnotations: Bool { self >= .march2025 }
    var hasCompletions: Bool { self >= .march2025 }
    /// Titles of tools, prompts and resources; structured results of tools and their schemas.
    var hasTitlesAndStructure: Bool { self >= .june2025 }

    private var order: Int { Revision.allCases.firstIndex(of: self) ?? 0 }

    package static func < (left: Revision, right: Revision) -> Bool { left.order < right.order }
}

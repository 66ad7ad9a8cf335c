/// Which frames are worth keeping: those of a new scene, those the model is unsure of, those where its answer changes; and none
/// that looks like one that is kept. Pure.
package struct CollectionRule: Sendable {
    package enum Reason: String, Hashable, Sendable, CaseIterable {
        case newScene = "new scene"
        case lowMargin = "low margin"
        case changedLabel = "changed label"
    }

    /// A frame closer to a kept one than this is a near-duplicate, in steps of luma. A still camera's noise stays below 2.
    package static let duplicateDistance = 4.0
    /// A frame farther than this from all that are kept is a new scene.
    static let sceneDistance = 14.0
    /// Of the probabilities of the two best labels.
    static let lowMargin = 0.25

    private var kept: [SceneThumbnail] = []
    private var lastLabel: String?

    package init() {}

    /// Frames that were kept.
    package var count: Int { kept.count }

    /// Decides about the next frame, which is remembered if it is kept.
    /// - Parameters:
    ///   - label: what the model says.
    ///   - margin: probability of its best label less that of the second.
    /// - Returns: why it is kept; nil when it is not.
    package mutating func keep(_ scene: SceneThumbnail, label: String, margin: Double) -> Reason? {
        defer { lastLabel = label }
        let nearest = kept.map { $0.distance(to: scene) }.min() ?? .infinity
        guard nearest >= CollectionRule.duplicateDistance else { return nil }
        let reason: Reason? =
            if nearest > CollectionRule.sceneDistance {
                .newScene
            } else if let lastLabel, lastLabel != label {
                .changedLabel
            } else if margin < CollectionRule.lowMargin {
                .lowMargin
            } else {
                nil
            }
        if reason != nil { kept.append(scene) }
        return reason
    }
}

/// Every network that Tarsier knows by name.
package enum NetworkCatalog {
    /// In the order in which they are listed to people; the first is the default.
    package static let all: [NetworkTable] = [
        .smV2, .smV2From2Times2, .smV2From3Times2, .smV2From2Times15, .smV2Doubled, .mobileNetV1, .mobileNetV2,
    ]

    /// The network of that name, such as `sm_v2`.
    package static func named(_ name: String) -> NetworkTable? { all.first { $0.name == name } }

    /// Names in list order, for messages.
    package static var names: [String] { all.map(\.name) }

    /// To be printed below a table that shows our counts beside the paper's.
    package static let note = """
        Ours: 100 classes, 224x224; batch normalisation counts 2 parameters a channel, MACs are those of convolutions and \
        the classifier. The paper's "Comp." column follows no standard count: it gives 491.3 M for MobileNetV1 and 368.5 M \
        for MobileNetV2, which have 568 M and 300 M multiply-accumulates.
        """
}

/// Every network that Tarsier knows by name.
package enum NetworkCatalog {
    /// In the order in which they are listed to people; the first is the default.
    package static let all: [NetworkTable] = [
        .smV2, .smV2From2Times2, .smV2From3Times2, .smV2From2Times15, .smV2Doubled, .mobileNetV1, .mobileNetV2,
    ]

    /// Networks that are no tables of separable blocks.
    package static let architectures: [Architecture] = [
        .shuffleNetV2, .efficientNetB0, .efficientNetB0Duplicate, .efficientNetB0MaxPool, .efficientNetB0Both, .vgg16,
        .inceptionV3, .resNet101, .seNet154, .denseNet121, .xception,
    ]

    /// The architecture of that name, such as `resnet101`.
    package static func architecture(named name: String) -> Architecture? {
        architectures.first { $0.name == name }
    }

    /// The network of that name, such as `sm_v2`.
    package static func table(named name: String) -> NetworkTable? { all.first { $0.name == name } }

    /// The network of that name, such as `sm_v2`.
    package static func named(_ name: String) -> NetworkTable? { table(named: name) }

    /// Names of the tables in list order, for messages.
    package static var names: [String] { all.map(\.name) }

    /// Names of all networks in list order, for messages.
    package static var everyName: [String] { names + architectures.map(\.name) }

    /// To be printed below a table that shows our counts beside the paper's.
    package static let note = """
        Ours: 224x224 (Inception v3 and Xception 299x299), 100 classes down to mobilenet_v2, 10 of the EfficientNets and \
        1000 of the others, as in the papers; batch normalisation counts 2 parameters a channel, MACs are those of \
        convolutions and the classifier. The paper's "Comp." column follows no standard count: it gives 491.3 M for MobileNetV1 and 368.5 M \
        for MobileNetV2, which have 568 M and 300 M multiply-accumulates. Accuracy and CPU time are the papers', on their photos \
        and machines; ours, measured, are in docs/networks.md.
        """
}

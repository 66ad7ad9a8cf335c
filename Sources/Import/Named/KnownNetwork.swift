import Graphs

/// A network whose structure we know and whose weights come under the names of other programs.
package struct KnownNetwork: Sendable {
    /// As in `tarsier networks`.
    package let name: String
    /// Rows and columns of its input where nobody says otherwise.
    package let extent: Int
    let build: @Sendable (_ classes: Int, _ extent: Int) throws(GraphError) -> Graph
    /// Tried in this order; the one with most names in the file is it.
    let namings: [Naming]

    init(
        name: String, extent: Int, namings: [Naming],
        build: @escaping @Sendable (_ classes: Int, _ extent: Int) throws(GraphError) -> Graph
    ) {
        (self.name, self.extent, self.namings, self.build) = (name, extent, namings, build)
    }

    /// The network of that name; nil when there is none.
    package static func named(_ name: String) -> KnownNetwork? {
        if let table = NetworkCatalog.table(named: name) {
            return KnownNetwork(name: name, extent: 224, namings: Naming.of(table)) {
                classes, extent throws(GraphError) in
                try table.graph(classes: classes, height: extent, width: extent)
            }
        }
        guard let architecture = NetworkCatalog.architecture(named: name) else { return nil }
        return KnownNetwork(name: name, extent: architecture.extent, namings: Naming.of(architecture)) {
            classes, extent throws(GraphError) in
            try architecture.graph(classes: classes, extent: extent)
        }
    }
}

/// How one library names the modules of a network, and what else it does its own way.
struct Naming: Sendable {
    /// Such as `torchvision`.
    let library: String
    /// How its weights were trained to see pixels.
    var normalization = Normalization.imageNet
    /// The module of every node of ours that has parameters.
    let modules: @Sendable (Graph) -> [String: String]
    /// Where its network computes something else than ours of that name.
    var adapt: @Sendable (Graph) -> Graph = { $0 }

    /// From a rule for single names.
    static func renaming(
        _ library: String, _ normalization: Normalization = .imageNet,
        adapt: @escaping @Sendable (Graph) -> Graph = { $0 }, _ rule: @escaping @Sendable (String) -> String
    ) -> Naming {
        Naming(
            library: library, normalization: normalization,
            modules: { graph in Dictionary(uniqueKeysWithValues: graph.nodes.map { ($0.name, rule($0.name)) }) },
            adapt: adapt)
    }

    /// Our names as they are.
    static func same(_ library: String, _ normalization: Normalization = .imageNet) -> Naming {
        renaming(library, normalization) { $0 }
    }
}

extension Normalization {
    /// `(pixel - 128) / 64`, as `training/` trains.
    package static let training = Normalization(
        mean: [Float](repeating: 128 / 255, count: 3), std: [Float](repeating: 64 / 255, count: 3))
    /// -1...1, as TensorFlow trains.
    static let symmetric = Normalization(mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5])
}

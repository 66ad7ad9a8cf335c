import Daemon
import Graphs
import Quantization

/// A network of the catalogue with random weights, in float and int8 on demand.
struct RandomNetwork {
    let graph: Graph
    let classes: Int

    /// - Throws: usage, with the names there are, when there is none of that name.
    init(_ name: String) throws(Failure) {
        do throws(GraphError) {
            if let table = NetworkCatalog.named(name) {
                (graph, classes) = (try table.graph(classes: 24), 24)
                return
            }
            if let architecture = NetworkCatalog.architecture(named: name) {
                (graph, classes) = (try architecture.graph(classes: architecture.classes), architecture.classes)
                return
            }
        } catch {
            throw Failure(error)
        }
        let names = NetworkCatalog.everyName.joined(separator: ", ")
        throw Failure(.usage, "--network \(name): no such network; there are \(names)")
    }

    var float: FloatModel {
        get throws { try SyntheticModel.float(graph, classes: classes) }
    }

    var int8: QuantizedGraph {
        get throws { try SyntheticModel.quantized(try float).graph }
    }
}

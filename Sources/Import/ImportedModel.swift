package import Graphs
package import Tensors

/// What an import yields: float weights, or, from a file that was quantized already, the int8 model.
package enum ImportedModel: Sendable {
    case float(FloatModel)
    case int8(Model)

    package var preprocessing: Preprocessing {
        switch self {
        case .float(let model): model.preprocessing
        case .int8(let model): model.preprocessing
        }
    }

    package var labels: [String] {
        switch self {
        case .float(let model): model.labels
        case .int8(let model): model.labels
        }
    }

    package var network: String {
        switch self {
        case .float(let model): model.graph.network
        case .int8(let model): model.graph.network
        }
    }

    /// As `tarsier bench` names it.
    package var precision: String {
        switch self {
        case .float: "float32"
        case .int8: "int8"
        }
    }

    package var nodes: Int {
        switch self {
        case .float(let model): model.graph.nodes.count
        case .int8(let model): model.graph.nodes.count
        }
    }

    /// Trained numbers; of an int8 model its weights and biases.
    package func parameters() throws(GraphError) -> Int {
        switch self {
        case .float(let model): return try model.graph.parameterCount()
        case .int8(let model):
            return model.graph.nodes.reduce(0) { sum, node in
                switch node.operation {
                case .convolution(let own, _): sum + own.weights.count + own.bias.count
                case .dense(let own): sum + own.weights.count + own.bias.count
                default: sum
                }
            }
        }
    }

    package func macs() throws(GraphError) -> Int {
        switch self {
        case .float(let model): try model.graph.macs()
        case .int8(let model): model.graph.macs
        }
    }

    /// Replaces the file at `path` in one step.
    package func write(to path: String) throws(ModelFileError) {
        switch self {
        case .float(let model): try model.write(to: path)
        case .int8(let model): try model.write(to: path)
        }
    }
}

import LinuxIO
import Tensors

extension Model {
    /// Version of the file format; a reader refuses any other.
    package static let format = "tarsier-int8-1"

    /// The model as the bytes of a safetensors file, described in `docs/model-format.md`. Equal models give equal bytes.
    package func encoded() -> [UInt8] {
        var writer = SafeTensorsWriter()
        writer.metadata = [
            ("format", Model.format),
            ("network", graph.network),
            ("labels", JSON.array(labels.map { .string($0) }).text),
            ("preprocessing", preprocessing.json.text),
            ("temperature", JSON.number(temperature).text),
            ("unknown_threshold", JSON.number(unknownThreshold).text),
            ("graph", graph.json.text),
            ("provenance", provenance.json.text),
        ]
        for (index, node) in graph.nodes.enumerated() {
            let outputs = node.shape.channels
            switch node.operation {
            case .convolution(let convolution, _):
                let inputs = convolution.isDepthwise ? 1 : graph.shape(ofValue: graph.nodes[index].source).channels
                let shape = [outputs, convolution.kernel, convolution.kernel, inputs]
                writer.add("\(node.name).weight", convolution.weights, shape: shape)
                writer.add("\(node.name).weight_scale", convolution.weightScales, shape: [outputs])
                writer.add("\(node.name).bias", convolution.bias, shape: [outputs])
            case .dense(let dense):
                let inputs = graph.shape(ofValue: node.source).channels
                writer.add("\(node.name).weight", dense.weights, shape: [outputs, inputs])
                writer.add("\(node.name).weight_scale", dense.weightScales, shape: [outputs])
                writer.add("\(node.name).bias", dense.bias, shape: [outputs])
            case .globalAveragePool: break
            }
        }
        return writer.bytes()
    }

    /// Replaces the file at `path` in one step.
    package func write(to path: String) throws(ModelFileError) {
        do { try AtomicFile.write(encoded(), to: path) } catch { throw ModelFileError(writing: path, error) }
    }
}

extension Preprocessing {
    var json: JSON {
        .object([
            .init(name: "width", value: .number(width)),
            .init(name: "height", value: .number(height)),
            .init(name: "crop", value: .string(fit.rawValue)),
            .init(name: "crop_fraction", value: .number(cropFraction)),
            .init(name: "resize", value: .string("triangle")),
            .init(name: "mean", value: .array(Array(repeating: .number(128), count: 3))),
            .init(name: "std", value: .array(Array(repeating: .number(std), count: 3))),
        ])
    }
}

extension Provenance {
    fileprivate var json: JSON {
        .object([
            .init(name: "source_sha256", value: .string(sourceSHA256)),
            .init(name: "calibration_digest", value: .string(calibrationDigest)),
            .init(name: "calibration_images", value: .number(calibrationImages)),
            .init(name: "method", value: .string(method)),
            .init(name: "source", value: .string(source)),
        ])
    }
}

extension QuantizedGraph {
    fileprivate var json: JSON {
        .object([
            .init(name: "input", value: .object(input.members + inputParams.members)),
            .init(name: "nodes", value: .array(nodes.map(\.json))),
        ])
    }
}

extension QuantizedNode {
    fileprivate var json: JSON {
        var members: [JSON.Member] = [.init(name: "name", value: .string(name))]
        switch operation {
        case .convolution(let convolution, let skip):
            members += [
                .init(name: "op", value: .string("convolution")),
                .init(name: "source", value: .number(source)),
                .init(name: "skip", value: skip.map { .number($0) } ?? .null),
                .init(name: "kernel", value: .number(convolution.kernel)),
                .init(name: "stride", value: .number(convolution.stride)),
                .init(name: "padding", value: .number(convolution.padding)),
                .init(name: "depthwise", value: .bool(convolution.isDepthwise)),
                .init(name: "low", value: .number(Int(convolution.low))),
                .init(name: "high", value: .number(Int(convolution.high))),
            ]
        case .globalAveragePool:
            members += [
                .init(name: "op", value: .string("global_average_pool")), .init(name: "source", value: .number(source)),
            ]
        case .dense:
            members += [.init(name: "op", value: .string("dense")), .init(name: "source", value: .number(source))]
        }
        return .object(members + shape.members + params.members)
    }
}

extension Shape {
    fileprivate var members: [JSON.Member] {
        [
            .init(name: "height", value: .number(height)),
            .init(name: "width", value: .number(width)),
            .init(name: "channels", value: .number(channels)),
        ]
    }
}

extension QuantParams {
    fileprivate var members: [JSON.Member] {
        [
            .init(name: "scale", value: .number(scale)),
            .init(name: "zero_point", value: .number(Int(zeroPoint))),
        ]
    }
}

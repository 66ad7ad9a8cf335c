"""Writes what the peers run: for each network FOLDER/NAME.onnx (float, normalisation folded), NAME.int8.onnx (static
quantization by onnxruntime: QDQ, unsigned activations, signed weights per channel) and NAME.npz (folded weights).

    build.py FOLDER FLOAT_WEIGHTS
"""
import logging
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

import network as net

CALIBRATION_PICTURES = 32


class GraphWriter:
    """Collects nodes and constants of an ONNX graph."""

    def __init__(self):
        self.nodes, self.constants, self.outputs = [], [], []

    def constant(self, name, value, kind=np.float32):
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value, kind), name))
        return name

    def node(self, kind, inputs, output, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [output], name=f"{output}.{kind.lower()}", **attributes))
        return output

    def model(self, batch):
        picture = helper.make_tensor_value_info("input", TensorProto.FLOAT, [batch, 3, net.EXTENT, net.EXTENT])
        outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in self.outputs]
        graph = helper.make_graph(self.nodes, "network", [picture], outputs, self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        onnx.checker.check_model(model, full_check=True)
        return model


def write(network, weights, measured=None):
    """The float network. With `measured` (a number of pictures), normalisation takes the statistics of that batch
    instead of running ones, and they are the outputs."""
    graph = GraphWriter()
    zero, six = graph.constant("zero", 0), graph.constant("six", 6)
    found = net.layers(network)
    for layer in found:
        if isinstance(layer, net.Add):
            graph.node("Add", [layer.source, layer.other], layer.name)
            continue
        convolution = dict(kernel_shape=[layer.kernel] * 2, strides=[layer.stride] * 2, pads=[layer.kernel // 2] * 4,
                           group=layer.inputs if layer.depthwise else 1)
        last = f"{layer.name}.linear" if layer.active else layer.name
        if measured:
            weight = graph.constant(f"{layer.name}.weight", weights[f"{layer.name}.conv.weight"])
            raw = graph.node("Conv", [layer.source, weight], f"{layer.name}.raw", **convolution)
            normalise(graph, layer, weights, raw, last)
        else:
            weight, bias = net.folded(layer, weights)
            values = graph.constant(f"{layer.name}.weight", weight), graph.constant(f"{layer.name}.bias", bias)
            graph.node("Conv", [layer.source, *values], last, **convolution)
        if layer.active:
            graph.node("Clip", [last, zero, six], layer.name)
    if not measured:
        graph.node("GlobalAveragePool", [found[-1].name], "pool")
        graph.node("Flatten", ["pool"], "features")
        values = (graph.constant("classifier.weight", weights["classifier.weight"]),
                  graph.constant("classifier.bias", weights["classifier.bias"]))
        graph.node("Gemm", ["features", *values], "logits", transB=1)
        graph.outputs.append(("logits", [1, net.CLASSES]))
    return graph.model(measured or 1)


def normalise(graph, layer, weights, raw, output):
    def per_channel(name):
        return graph.constant(f"{layer.name}.bn.{name}", weights[f"{layer.name}.bn.{name}"].reshape(1, -1, 1, 1))

    mean = graph.node("ReduceMean", [raw], f"{layer.name}.running_mean", axes=[0, 2, 3])
    centred = graph.node("Sub", [raw, mean], f"{layer.name}.centred")
    square = graph.node("Mul", [centred, centred], f"{layer.name}.square")
    variance = graph.node("ReduceMean", [square], f"{layer.name}.running_var", axes=[0, 2, 3])
    deviation = graph.node("Sqrt", [variance], f"{layer.name}.deviation")
    unit = graph.node("Div", [centred, deviation], f"{layer.name}.unit")
    scaled = graph.node("Mul", [unit, per_channel("weight")], f"{layer.name}.scaled")
    graph.node("Add", [scaled, per_channel("bias")], output)
    graph.outputs += [(name, [1, layer.outputs, 1, 1]) for name in (mean, variance)]


def measure(network, weights, count=8):
    """Adds running means and variances, as pictures give them."""
    session = onnxruntime.InferenceSession(write(network, weights, count).SerializeToString())
    names = [output.name for output in session.get_outputs()]
    for name, value in zip(names, session.run(names, {"input": net.normalised(net.pictures(count, seed=2))})):
        layer, statistic = name.rsplit(".", 1)
        weights[f"{layer}.bn.{statistic}"] = value.ravel()


class Pictures(CalibrationDataReader):
    def __init__(self):
        self.rest = iter(net.normalised(net.pictures(CALIBRATION_PICTURES, seed=3)))

    def get_next(self):
        picture = next(self.rest, None)
        return None if picture is None else {"input": picture[None]}


def main():
    folder, float_weights = Path(sys.argv[1]), sys.argv[2]
    folder.mkdir(parents=True, exist_ok=True)
    logging.getLogger().setLevel(logging.ERROR)
    for network in net.NETWORKS:
        print(f"bench-peers: writing and quantizing {network}", flush=True)
        if network == "sm_v2":
            weights = net.shipped_weights(float_weights)
        else:
            weights = net.random_weights(network)
            measure(network, weights)
        onnx.save(write(network, weights), folder / f"{network}.onnx")
        tensors = {"classifier.weight": weights["classifier.weight"], "classifier.bias": weights["classifier.bias"]}
        for layer in net.layers(network):
            if isinstance(layer, net.Conv):
                tensors[f"{layer.name}.weight"], tensors[f"{layer.name}.bias"] = net.folded(layer, weights)
        np.savez(folder / f"{network}.npz", **tensors)
        with tempfile.TemporaryDirectory() as scratch:
            ready = f"{scratch}/ready.onnx"
            quant_pre_process(str(folder / f"{network}.onnx"), ready, skip_symbolic_shape=True)
            quantize_static(ready, str(folder / f"{network}.int8.onnx"), Pictures(), quant_format=QuantFormat.QDQ,
                            per_channel=True, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)


if __name__ == "__main__":
    main()

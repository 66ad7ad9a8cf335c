"""onnxruntime and NNCF/OpenVINO on a float weights file: float and int8, per-channel weights everywhere.

    python3 onnx_peers.py WEIGHTS PHOTOS RESULTS.json [method ...]
"""
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from judge import record
from network import layers


def to_onnx(weights):
    nodes, initializers, values = [], [], ["input"]

    def constant(name, value):
        initializers.append(numpy_helper.from_array(np.asarray(value, np.float32), name))
        return name

    low, high = constant("low", 0.0), constant("high", 6.0)
    for index, (kind, weight, bias, stride, clamped, skip) in enumerate(layers(weights)):
        name = f"l{index}"
        if kind == "dense":
            nodes.append(helper.make_node("GlobalAveragePool", [values[-1]], ["pooled"]))
            nodes.append(helper.make_node("Flatten", ["pooled"], ["flat"]))
            nodes.append(helper.make_node(
                "Gemm", ["flat", constant(name + "w", weight), constant(name + "b", bias)], ["output"], transB=1))
            continue
        padding, group = weight.shape[2] // 2, weight.shape[0] if kind == "depthwise" else 1
        out = name
        nodes.append(helper.make_node(
            "Conv", [values[-1], constant(name + "w", weight), constant(name + "b", bias)], [out], name=name,
            kernel_shape=list(weight.shape[2:]), strides=[stride] * 2, pads=[padding] * 4, group=group))
        if skip is not None:
            nodes.append(helper.make_node("Add", [out, values[-skip]], [out + "a"]))
            out += "a"
        if clamped:
            nodes.append(helper.make_node("Clip", [out, low, high], [out + "c"]))
            out += "c"
        values.append(out)
    shape = lambda name, dims: helper.make_tensor_value_info(name, TensorProto.FLOAT, dims)
    classes = layers(weights)[-1][1].shape[0]
    graph = helper.make_graph(
        nodes, "network", [shape("input", [1, 3, 224, 224])], [shape("output", [1, classes])], initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


class Photos:
    def __init__(self, folder, split):
        self.pixels = np.load(Path(folder) / f"{split}.npy", mmap_mode="r")
        self.labels = np.load(Path(folder) / f"{split}-labels.npy")

    def input(self, index):
        return ((self.pixels[index].astype(np.float32) - 128) / 64).transpose(2, 0, 1)[None]


def answers(run, photos):
    """Logits of every photo."""
    return np.stack([np.ravel(run(photos.input(i))) for i in range(len(photos.labels))])


def session(model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    own = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return lambda x: own.run(None, {"input": x})[0]


def with_onnxruntime(path, photos, method):
    from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static

    class Reader(CalibrationDataReader):
        def __init__(self):
            self.numbers = iter(range(len(photos.labels)))

        def get_next(self):
            index = next(self.numbers, None)
            return None if index is None else {"input": photos.input(index)}

    target = str(path) + f".{method}.onnx"
    quantize_static(
        str(path), target, Reader(), quant_format=QuantFormat.QDQ, per_channel=True, activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8, calibrate_method=getattr(CalibrationMethod, method),
        extra_options={"CalibMaxIntermediateOutputs": 8, "CalibTensorRangeSymmetric": False})
    return session(target)


def with_nncf(path, photos, fast):
    import nncf
    import openvino

    core = openvino.Core()
    data = nncf.Dataset(range(len(photos.labels)), lambda index: photos.input(index))
    parameters = {} if fast else {"fast_bias_correction": False}
    model = nncf.quantize(core.read_model(str(path)), data, subset_size=len(photos.labels), **parameters)
    compiled = core.compile_model(model, "CPU", {"INFERENCE_NUM_THREADS": 2})
    request = compiled.create_infer_request()
    return lambda x: request.infer({0: x})[0]


METHODS = {
    "onnxruntime min-max": lambda path, photos: with_onnxruntime(path, photos, "MinMax"),
    "onnxruntime percentile": lambda path, photos: with_onnxruntime(path, photos, "Percentile"),
    "onnxruntime entropy": lambda path, photos: with_onnxruntime(path, photos, "Entropy"),
    "NNCF, OpenVINO": lambda path, photos: with_nncf(path, photos, True),
    "NNCF, OpenVINO, full bias correction": lambda path, photos: with_nncf(path, photos, False),
}


def main(weights, folder, results, *wanted):
    calibration, test = Photos(folder, "calib"), Photos(folder, "test")
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "float.onnx"
        onnx.save(to_onnx(weights), path)
        # The other scripts compare with these, too.
        kept = Path(folder) / f"float-{Path(weights).stem.split('.')[0]}.npy"
        if not kept.exists():
            np.save(kept, answers(session(str(path)), test))
        expected = np.load(kept)
        for name in wanted or METHODS:
            begin = time.time()
            run = METHODS[name](path, calibration)
            seconds = round(time.time() - begin, 1)
            record(results, weights, name, answers(run, test), expected, test.labels, seconds=seconds)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""int8 by onnxruntime: its own quantizer in its usual setting, and its logits."""
import numpy as np
import onnxruntime as ort
from onnxruntime import quantization as quant


class Reader(quant.CalibrationDataReader):
    def __init__(self, name, inputs):
        self.inputs = iter([{name: x[None]} for x in inputs])

    def get_next(self):
        return next(self.inputs, None)


def session(path):
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return ort.InferenceSession(str(path), options)


def quantize(path, target, inputs):
    """Writes a QDQ file: uint8 values by minimum and maximum over the inputs, int8 weights per channel."""
    ready = target.with_suffix(".ready")
    quant.quant_pre_process(str(path), str(ready), skip_symbolic_shape=True)
    quant.quantize_static(str(ready), str(target), Reader(session(path).get_inputs()[0].name, inputs),
                          quant_format=quant.QuantFormat.QDQ, per_channel=True,
                          activation_type=quant.QuantType.QUInt8, weight_type=quant.QuantType.QInt8)
    ready.unlink()


def logits(path, inputs):
    """Float32 [n][classes] of inputs [n][3][height][width]."""
    runner = session(path)
    name = runner.get_inputs()[0].name
    return np.stack([runner.run(None, {name: x[None]})[0][0] for x in inputs]).astype(np.float32)


def compare(exact, other):
    """As tarsier-parity compares: correlations over all logits, plain and less each class's mean, and equal answers."""
    def correlation(a, b):
        return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])
    return {"int8_correlation": correlation(exact, other),
            "centred": correlation(exact - exact.mean(0), other - other.mean(0)),
            "agreement": float((exact.argmax(1) == other.argmax(1)).mean())}

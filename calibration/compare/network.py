"""A float weights file as a list of layers with batch normalisation folded in, for whatever engine is to run it."""
import numpy as np

from float_file import read

# Strides of the depthwise layers, by network.
STRIDES = {
    "sm_v2": [1, 2, 1, 2, 1, 2, 1, 2, 1],
    "mobilenet_v2": [1, 2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1],
}


def layers(path):
    """(kind, weight OIHW, bias, stride, clamped, skip): skip is how many layers back the added value lies, or None."""
    tensors, metadata = read(path)
    network = metadata["network"]

    def folded(name):
        weight = tensors[f"{name}.conv.weight"].astype(np.float64)
        gamma, beta, mean, variance = (
            tensors[f"{name}.bn.{part}"].astype(np.float64) for part in ("weight", "bias", "running_mean", "running_var"))
        factor = gamma / np.sqrt(variance + 1e-5)
        return (weight * factor[:, None, None, None]).astype(np.float32), (beta - mean * factor).astype(np.float32)

    result = [("conv", *folded("stem"), 2, True, None)]
    strides = STRIDES[network]
    for block, stride in enumerate(strides):
        name, parts = f"blocks.{block}", 0
        inputs = result[-1][1].shape[0]
        if f"{name}.expand.conv.weight" in tensors:
            result.append(("conv", *folded(f"{name}.expand"), 1, True, None))
            parts += 1
        result.append(("depthwise", *folded(f"{name}.depthwise"), stride, True, None))
        weight, bias = folded(f"{name}.project")
        is_last = network == "sm_v2" and block == len(strides) - 1
        skips = stride == 1 and weight.shape[0] == inputs and not is_last
        result.append(("conv", weight, bias, 1, is_last, parts + 2 if skips else None))
    if "head.conv.weight" in tensors:
        result.append(("conv", *folded("head"), 1, True, None))
    result.append(("dense", tensors["classifier.weight"], tensors["classifier.bias"], 1, False, None))
    return result

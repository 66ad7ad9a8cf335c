"""The networks as flat lists of layers with their weights, for writing them in other engines' formats.

The tables are those of training/networks.py, read from its text, so that there is one place where a network is
described. SM_V2 takes the weights that are shipped; the other networks take seeded random ones.
"""
import ast
import json
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
NETWORKS = ("sm_v2", "mobilenet_v2", "mobilenet_v1", "sm_v2_2_1_5", "sm_v2_2_2", "sm_v2_3_2")
USUAL = NETWORKS[:3]  # what is compared where nobody names networks
EXTENT, CLASSES = 224, 24
MEAN, STD = 128, 64  # the input is (pixel - MEAN) / STD: padding with zero is the pixel 128
EPSILON = 1e-5


@dataclass(frozen=True)
class Conv:
    """Convolution without bias, padded by half its kernel on every side, batch normalisation and, if active, ReLU6."""
    name: str
    source: str
    inputs: int
    outputs: int
    kernel: int = 1
    stride: int = 1
    depthwise: bool = False
    active: bool = True

    @property
    def shape(self):  # [out, in of a group, kernel, kernel]
        return self.outputs, 1 if self.depthwise else self.inputs, self.kernel, self.kernel


@dataclass(frozen=True)
class Add:
    name: str
    source: str
    other: str


def layers(network):
    """Convolutions and additions in order; a global average and a classifier follow the last."""
    constants = {}
    for line in ast.parse((ROOT / "training" / "networks.py").read_text()).body:
        if isinstance(line, ast.Assign):
            try:
                constants[line.targets[0].id] = ast.literal_eval(line.value)
            except ValueError:
                pass  # not a table
    rows = constants["SM_V2"].get(network) or constants[network.upper()]
    rows = [(t, c, s if i == 0 else 1, False) for t, c, n, s in rows for i in range(n)]
    if network in constants["SM_V2"]:
        rows.append((8, constants["WIDTH_OF_SM_V2"], 1, True))
    found = [Conv("stem", "input", 3, 32, 3, 2)]

    def then(name, outputs, **more):
        found.append(Conv(name, found[-1].name, channels(found), outputs, **more))

    for index, (t, c, stride, activated) in enumerate(rows):
        name, source, inputs = f"blocks.{index}", found[-1].name, channels(found)
        if t > 1:
            then(f"{name}.expand", inputs * t)
        then(f"{name}.depthwise", channels(found), kernel=3, stride=stride, depthwise=True)
        separable = network == "mobilenet_v1"
        then(f"{name}.project", c, active=activated or separable)
        if stride == 1 and inputs == c and not (activated or separable):
            found.append(Add(f"{name}.add", found[-1].name, source))
    if network == "mobilenet_v2":
        then("head", 1280)
    return found


def channels(found):
    return next(layer.outputs for layer in reversed(found) if isinstance(layer, Conv))


def shipped_weights(path):
    """Tensors of a safetensors file by name."""
    data = Path(path).read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__", None)
    result = {}
    for name, entry in header.items():
        begin, end = (8 + size + offset for offset in entry["data_offsets"])
        result[name] = np.frombuffer(data[begin:end], "<f4").reshape(entry["shape"])
    return result


def random_weights(network, seed=1):
    """He-scaled weights, normalisation near the identity; running means and variances are still to be measured."""
    random, result, found = np.random.default_rng(seed), {}, layers(network)
    for layer in found:
        if isinstance(layer, Conv):
            bound = np.sqrt(2 / np.prod(layer.shape[1:]))
            result[f"{layer.name}.conv.weight"] = random.normal(size=layer.shape) * bound
            result[f"{layer.name}.bn.weight"] = random.uniform(0.7, 1.3, layer.outputs)
            result[f"{layer.name}.bn.bias"] = random.normal(size=layer.outputs) * 0.3 + (1 if layer.active else 0)
    width = channels(found)
    result["classifier.weight"] = random.normal(size=(CLASSES, width)) * np.sqrt(1 / width)
    result["classifier.bias"] = random.normal(size=CLASSES) * 0.1
    return {name: value.astype(np.float32) for name, value in result.items()}


def folded(layer, weights):
    """Weight and bias of a convolution with its normalisation folded in."""
    scale = weights[f"{layer.name}.bn.weight"] / np.sqrt(weights[f"{layer.name}.bn.running_var"] + EPSILON)
    bias = weights[f"{layer.name}.bn.bias"] - weights[f"{layer.name}.bn.running_mean"] * scale
    return weights[f"{layer.name}.conv.weight"] * scale[:, None, None, None], bias


def pictures(count, seed):
    """Coarse structure and a little noise: uint8 [count, height, width, 3]."""
    random = np.random.default_rng(seed)
    at = np.linspace(0, 6, EXTENT)
    weight = np.maximum(0, 1 - np.abs(at[:, None] - np.arange(7)))  # linear interpolation of a 7x7 grid
    grid = random.uniform(0, 255, (count, 7, 7, 3))
    smooth = np.einsum("yi,nijc,xj->nyxc", weight, grid, weight, optimize=True)
    return np.clip(smooth + random.normal(size=smooth.shape) * 12, 0, 255).astype(np.uint8)


def normalised(pictures):
    """What the float networks take: float32 [count, 3, height, width]."""
    return np.ascontiguousarray((pictures.astype(np.float32) - MEAN).transpose(0, 3, 1, 2) / STD)

"""A float MobileNetV2 for the comparison: ImageNet weights, our classes' head, in the format of `docs/model-format.md`.

    python3 mobilenet_v2.py DATA HEAD.pt OUTPUT     (needs PyTorch; HEAD.pt is what training/teacher.py keeps)

The ImageNet normalisation is folded into the first layer, so that the network reads (pixel - 128) / 64 like the others.
"""
import json
import sys
from pathlib import Path

import numpy as np
import torch

from float_file import write

MEAN, STD = np.array([0.485, 0.456, 0.406]) * 255, np.array([0.229, 0.224, 0.225]) * 255
PREPROCESSING = {"width": 224, "height": 224, "crop": "center", "resize": "triangle", "mean": [128] * 3, "std": [64] * 3}
BLOCKS = 17


def module_names():
    """Of the convolutions, in the order of the teacher's layers."""
    names = ["stem"]
    for block in range(BLOCKS):
        names += [f"blocks.{block}.{part}" for part in (["expand"] if block else []) + ["depthwise", "project"]]
    return names + ["head"]


def main(data, head, output):
    folder = Path(data) / "teacher"
    layers = json.loads((folder / "mobilenet_v2_imagenet.json").read_text())["layers"]
    weights = np.load(folder / "mobilenet_v2_imagenet.npz")
    convolutions = [layer["name"] for layer in layers if layer["op"] in ("conv", "dwconv")]
    tensors = {}
    for name, source in zip(module_names(), convolutions, strict=True):
        weight = weights[source + ".w"].astype(np.float64)
        bias = weights[source + ".b"].astype(np.float64)
        if name == "stem":
            bias = bias + (weight * ((128 - MEAN) / STD)[None, :, None, None]).sum((1, 2, 3))
            weight = weight * (64 / STD)[None, :, None, None]
        channels = len(bias)
        tensors[f"{name}.conv.weight"] = weight
        # Normalisation is folded in already: what is left of it is the bias.
        tensors[f"{name}.bn.weight"] = np.full(channels, np.sqrt(1 + 1e-5))
        tensors[f"{name}.bn.bias"] = bias
        tensors[f"{name}.bn.running_mean"] = np.zeros(channels)
        tensors[f"{name}.bn.running_var"] = np.ones(channels)
    (weight, bias), _ = torch.load(head)
    tensors["classifier.weight"], tensors["classifier.bias"] = weight.numpy(), bias.numpy()
    labels = (Path(data) / "LABELS").read_text().split()
    write(output, tensors, {
        "format": "tarsier-float-1", "network": "mobilenet_v2", "labels": json.dumps(labels),
        "preprocessing": json.dumps(PREPROCESSING), "temperature": "1.0", "unknown_threshold": "0.0",
        "source": "ImageNet MobileNetV2 with a head fitted on everyday24; for comparisons only"})


if __name__ == "__main__":
    main(*sys.argv[1:4])

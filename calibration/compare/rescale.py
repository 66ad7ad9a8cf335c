"""Rescales the linear channels of a float network by powers of two, so that its function stays bit for bit what it was.

Every block's output is linear: multiplying a channel there and dividing the weights that read it changes nothing in
float, and is poison for a quantizer that looks at whole tensors. The comparison uses it as the hard case.

    python3 rescale.py ../../models/sm_v2.float.safetensors rescaled.float.safetensors --octaves 6
"""
import argparse

import numpy as np

from float_file import read, write
from network import STRIDES


def rescale(tensors, network, octaves, seed):
    tensors = {name: value.copy() for name, value in tensors.items()}
    random = np.random.default_rng(seed)
    factors, strides = None, STRIDES[network]
    for block, stride in enumerate(strides):
        weight = tensors[f"blocks.{block}.project.conv.weight"]
        outputs = weight.shape[0]
        reader = f"blocks.{block + 1}.expand.conv.weight" if block + 1 < len(strides) else "head.conv.weight"
        if reader not in tensors:
            continue  # the last block of SM_V2 is clamped and goes to the pool
        # A skip ties the scales of a block's output to those of its input.
        is_tied = factors is not None and stride == 1 and len(factors) == outputs
        if not is_tied:
            factors = (2.0 ** random.integers(-octaves, octaves + 1, outputs)).astype(np.float32)
        for suffix in ("weight", "bias"):
            tensors[f"blocks.{block}.project.bn.{suffix}"] *= factors
        tensors[reader] /= factors[None, :, None, None]
    return tensors


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("input")
    parser.add_argument("output")
    parser.add_argument("--octaves", type=int, default=6, help="factors are 2^-octaves to 2^octaves")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    tensors, metadata = read(arguments.input)
    write(arguments.output, rescale(tensors, metadata["network"], arguments.octaves, arguments.seed), metadata)

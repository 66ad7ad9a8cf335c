#!/usr/bin/env python3
"""Compares the importer of .pt and safetensors files with torch: for every network and library whose names it knows, a
model with random weights and settled statistics is saved as its state dict, imported by name, and its logits compared.

    bench/networks/named.py PROGRAM [--only TEXT]

PROGRAM is tarsier-parity. Needs torch, torchvision, timm, safetensors, numpy.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import safetensors.torch
import timm
import torch
import torchvision.models as tv

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "training"))
import networks  # noqa: E402

MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)

MODELS = {
    "mobilenet_v2 torchvision": tv.mobilenet_v2,
    "mobilenet_v2 timm": lambda: timm.create_model("mobilenetv2_100"),
    "mobilenet_v2 training": lambda: networks.build("mobilenet_v2"),
    "mobilenet_v1 timm": lambda: timm.create_model("mobilenetv1_100"),
    "mobilenet_v1 training": lambda: networks.build("mobilenet_v1"),
    "sm_v2 training": lambda: networks.build("sm_v2"),
    "shufflenet_v2 torchvision": tv.shufflenet_v2_x1_0,
    "shufflenet_v2 training": lambda: networks.build("shufflenet_v2"),
    "efficientnet_b0 torchvision": tv.efficientnet_b0,
    "efficientnet_b0 timm": lambda: timm.create_model("efficientnet_b0"),
    "resnet101 torchvision": tv.resnet101,
    "resnet101 timm": lambda: timm.create_model("resnet101"),
    "vgg16 torchvision": tv.vgg16,
    "vgg16 timm": lambda: timm.create_model("vgg16"),
    "inception_v3 torchvision": lambda: tv.inception_v3(init_weights=False),
    "inception_v3 timm": lambda: timm.create_model("inception_v3"),
    "densenet121 torchvision": tv.densenet121,
    "densenet121 timm": lambda: timm.create_model("densenet121"),
    "xception timm": lambda: timm.create_model("legacy_xception"),
    "senet154 timm": lambda: timm.create_model("senet154"),
    "senet154 timm-legacy": lambda: timm.create_model("legacy_senet154"),
}


@torch.no_grad()
def prepare(name, extent):
    """Normalisations take the statistics of random pictures, and scales and shifts of their own."""
    torch.manual_seed(1)
    model = MODELS[name]()
    for path, module in model.named_modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None  # a plain mean over the passes: there is one
            module.reset_running_stats()
            # A residual block that adds little: otherwise a hundred and fifty layers multiply rounding until float32 itself
            # is wrong by half.
            low, high = (0.1, 0.3) if path.endswith("bn3") else (0.7, 1.3)
            torch.nn.init.uniform_(module.weight, low, high)
            torch.nn.init.uniform_(module.bias, -0.2, 0.2)
        elif hasattr(module, "p") and not isinstance(module, torch.nn.Sequential):
            module.p = 0.0
    if any(isinstance(module, torch.nn.BatchNorm2d) for module in model.modules()):
        model.train()(torch.randn(3, 3, extent, extent))
    return model.eval()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    for number, name in enumerate(name for name in MODELS if arguments.only in name):
        network = name.split()[0]
        extent = 299 if network in ("inception_v3", "xception") else 224
        model = prepare(name, extent)
        picture = np.random.default_rng(1).integers(0, 256, (extent, extent, 3), np.uint8)
        x = ((picture.astype(np.float32) / 255 - MEAN) / STD).transpose(2, 0, 1)[None]
        with torch.no_grad():
            logits = model(torch.from_numpy(x))  # networks of training/ also yield features
        logits = logits[0] if isinstance(logits, tuple) else logits
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            picture.tofile(folder / "picture")
            logits.numpy().astype(np.float32).tofile(folder / "logits")
            # Every other way that such files come about in turn.
            state = model.state_dict()
            path = folder / ("weights.safetensors" if number % 3 == 2 else "weights.pth")
            if number % 3 == 0:
                torch.save(state, path)
            elif number % 3 == 1:
                torch.save({"epoch": 3, "state_dict": {f"module.{k}": v for k, v in state.items()}}, path)
            else:
                safetensors.torch.save_file({k: v.contiguous() for k, v in state.items()}, path)
            result = subprocess.run(
                [arguments.program, "--network", network, str(path), str(folder / "picture"), str(folder / "logits")],
                capture_output=True, text=True)
        print(f"{name} {path.suffix}: {result.stdout.strip() or result.stderr.strip()}", flush=True)


if __name__ == "__main__":
    main()

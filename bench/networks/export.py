#!/usr/bin/env python3
"""Exports the networks of the papers to ONNX with random weights, for bench/networks and for trying the importer.

Weights are He-scaled and normalisations have plausible statistics, so that values keep their size from layer to layer;
nothing is downloaded. Needs torch, torchvision, timm, onnx.

    bench/networks/export.py FOLDER [--only NAME] [--opset 17] [--unfolded]
"""
import argparse
import pathlib

import timm
import torch
import torchvision.models as tv

NETWORKS = {
    "mobilenet_v1": lambda: timm.create_model("mobilenetv1_100"),
    "mobilenet_v2": lambda: tv.mobilenet_v2(),
    "mobilenet_v3_large": lambda: tv.mobilenet_v3_large(),
    "shufflenet_v2": lambda: tv.shufflenet_v2_x1_0(),
    "efficientnet_b0": lambda: tv.efficientnet_b0(),
    "vgg16": lambda: tv.vgg16(),
    "resnet101": lambda: tv.resnet101(),
    "densenet121": lambda: tv.densenet121(),
    "inception_v3": lambda: tv.inception_v3(aux_logits=False, init_weights=False),
    "xception": lambda: timm.create_model("xception"),
    "senet154": lambda: timm.create_model("senet154"),
}
EXTENT = {"inception_v3": 299, "xception": 299}


def randomise(model, seed):
    """Statistics as training leaves them: every normalisation really normalises what random pictures give it."""
    torch.manual_seed(seed)
    norms = [m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = None  # a plain mean over the passes
        norm.reset_running_stats()
        torch.nn.init.uniform_(norm.weight, 0.7, 1.3)
        torch.nn.init.uniform_(norm.bias, -0.2, 0.2)
    return norms


def prepare(name):
    torch.manual_seed(1)
    model = NETWORKS[name]()
    extent = EXTENT.get(name, 224)
    norms = randomise(model, 2)
    if norms:
        for dropout in [m for m in model.modules() if hasattr(m, "p") and not isinstance(m, torch.nn.Sequential)]:
            dropout.p = 0.0
        model.train()
        with torch.no_grad():
            model(torch.randn(4, 3, extent, extent))
    return model.eval(), extent


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--only", choices=sorted(NETWORKS))
    parser.add_argument("--opset", type=int, default=17)
    parser.add_argument("--unfolded", action="store_true", help="keep normalisations as nodes of their own")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name in [arguments.only] if arguments.only else NETWORKS:
        model, extent = prepare(name)
        mode = torch.onnx.TrainingMode.PRESERVE if arguments.unfolded else torch.onnx.TrainingMode.EVAL
        path = arguments.folder / f"{name}.onnx"
        torch.onnx.export(
            model, torch.zeros(1, 3, extent, extent), str(path), opset_version=arguments.opset, dynamo=False,
            training=mode, do_constant_folding=not arguments.unfolded)
        print(f"{name}: {sum(p.numel() for p in model.parameters())} parameters, {path.stat().st_size} bytes", flush=True)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Exports the networks of the papers to ONNX, for bench/networks and for trying the importer. Nothing is downloaded.

    bench/networks/export.py FOLDER --photos DIR [--only NAME] [--opset 17] [--unfolded] [--trained DIR] [--weights DIR]

DIR holds CLASS/*.jpg. Weights are random, but the function is one that can be compared: every normalisation has the
statistics that photos and pictures of noise give it (those of photos alone let noise grow a thousandfold on its way,
after which float32 itself is wrong by 1e-3), and the classifier goes by the means of the photos' classes, so that logits
mean something and vary from photo to photo. --trained takes NETWORK.pt as training/ writes them,
--weights NETWORK.float.safetensors as in models/. Needs torch, torchvision, timm, onnx, numpy, pillow, safetensors.
"""
import argparse
import pathlib
import random
import sys

import numpy as np
import timm
import torch
import torchvision.models as tv

from pictures import as_input, noise, photos

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "training"))
import efficientnet  # noqa: E402
import networks as own  # noqa: E402

NETWORKS = {
    "mobilenet_v1": lambda k: timm.create_model("mobilenetv1_100", num_classes=k),
    "mobilenet_v2": lambda k: tv.mobilenet_v2(num_classes=k),
    "mobilenet_v3_large": lambda k: tv.mobilenet_v3_large(num_classes=k),
    "shufflenet_v2": lambda k: tv.shufflenet_v2_x1_0(num_classes=k),
    "efficientnet_b0": lambda k: tv.efficientnet_b0(num_classes=k),
    "vgg16": lambda k: tv.vgg16(num_classes=k),
    "resnet101": lambda k: tv.resnet101(num_classes=k),
    "densenet121": lambda k: tv.densenet121(num_classes=k),
    "inception_v3": lambda k: tv.inception_v3(num_classes=k, aux_logits=False, init_weights=False),
    "xception": lambda k: timm.create_model("xception", num_classes=k),
    "senet154": lambda k: timm.create_model("senet154", num_classes=k),
}
EXTENT = {"inception_v3": 299, "xception": 299}
REDUCED = [name for name in efficientnet.REDUCTIONS if name != "efficientnet_b0"]
NORMALISED_BY = 16  # photos, and a quarter as many pictures of noise
FITTED_BY = 8  # photos of each class


class Logits(torch.nn.Module):
    """A network of training/, which also returns its features."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x):
        return self.network(x)[0]


@torch.no_grad()
def settle(model, pictures):
    """Normalisations take the statistics of the pictures, and scales and shifts of their own."""
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None  # a plain mean over the passes: there is one
            module.reset_running_stats()
            torch.nn.init.uniform_(module.weight, 0.7, 1.3)
            torch.nn.init.uniform_(module.bias, -0.2, 0.2)
        elif hasattr(module, "p") and not isinstance(module, torch.nn.Sequential):
            module.p = 0.0
    model.train()
    model(pictures)
    model.eval()


@torch.no_grad()
def fit_head(model, pictures, labels, classes):
    """The last dense layer becomes a classifier by class means of what it reads: a photo's logit is how far it lies
    from the mean of all towards the mean of the class. Logits of the pictures get a standard deviation of 1."""
    dense = [module for module in model.modules() if isinstance(module, torch.nn.Linear)][-1]
    seen = []
    hook = dense.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].double()))
    for picture in pictures:
        model(picture[None])
    hook.remove()
    features = torch.cat(seen)
    mean = features.mean(0)
    weight = torch.stack([features[labels == k].mean(0) - mean for k in range(classes)])
    weight /= ((features - mean) @ weight.T).std()
    dense.weight.copy_(weight)
    dense.bias.copy_(-weight @ mean)


def prepare(name, folder, arguments):
    """The network, its extent and what there is to say about its weights."""
    extent = EXTENT.get(name, 224)
    classes = sorted(path.name for path in folder.iterdir() if path.is_dir())
    trained = arguments.trained and arguments.trained / f"{name}.pt"
    torch.manual_seed(1)
    if name in own.NAMES and arguments.weights and (arguments.weights / f"{name}.float.safetensors").exists():
        from safetensors.torch import load_file
        state = load_file(arguments.weights / f"{name}.float.safetensors")
        model = own.build(name, len(state["classifier.weight"]))
        model.load_state_dict(state, strict=False)
        return Logits(model).eval(), extent, "trained"
    if name in efficientnet.REDUCTIONS and trained and trained.exists():
        state = torch.load(trained, weights_only=True)
        model = efficientnet.build(name, len(state["classifier.1.weight"]))
        model.load_state_dict(state)
        return model.eval(), extent, "trained"
    model = NETWORKS[name](len(classes)) if name in NETWORKS else efficientnet.build(name, len(classes))
    settle(model, as_input(np.concatenate([photos(folder, NORMALISED_BY, extent, 2),
                                           noise(NORMALISED_BY // 4, extent, 2)])))
    files = [path for label in classes for path in sorted((folder / label).glob("*.jpg"))[:FITTED_BY]]
    labels = torch.tensor([classes.index(path.parent.name) for path in files])
    fit_head(model, as_input(photos(files, len(files), extent)), labels, len(classes))
    return model, extent, "random weights, a classifier by class means"


def main():
    everything = [*NETWORKS, *REDUCED]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--photos", type=pathlib.Path, required=True)
    parser.add_argument("--only", choices=sorted({*everything, *own.NAMES}), action="append")
    parser.add_argument("--opset", type=int, default=17)
    parser.add_argument("--unfolded", action="store_true", help="keep normalisations as nodes of their own")
    parser.add_argument("--trained", type=pathlib.Path)
    parser.add_argument("--weights", type=pathlib.Path)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    random.seed(1)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name in arguments.only or everything:
        model, extent, remark = prepare(name, arguments.photos, arguments)
        mode = torch.onnx.TrainingMode.PRESERVE if arguments.unfolded else torch.onnx.TrainingMode.EVAL
        path = arguments.folder / f"{name}.onnx"
        torch.onnx.export(
            model, torch.zeros(1, 3, extent, extent), str(path), opset_version=arguments.opset, dynamo=False,
            training=mode, do_constant_folding=not arguments.unfolded)
        print(f"{name}: {sum(p.numel() for p in model.parameters())} parameters, {path.stat().st_size} bytes, {remark}",
              flush=True)


if __name__ == "__main__":
    main()

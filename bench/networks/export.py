#!/usr/bin/env python3
"""Exports the networks of the papers to ONNX, for bench/networks and for trying the importer. Nothing is downloaded.

    bench/networks/export.py FOLDER --photos DIR [--only NAME] [--opset 17] [--unfolded] [--trained DIR] [--weights DIR]
        [--teacher DIR] [--extent PIXELS]

DIR holds CLASS/*.jpg. --trained takes NETWORK.pt as train.py and training/ write them, --weights
NETWORK.float.safetensors as in models/, --teacher the MobileNetV2 of ../shared/data/teacher. Other weights are random, but
the function is one that can be compared: every normalisation has the statistics that photos and pictures of noise give it
(those of photos alone let noise grow a thousandfold on its way, after which float32 itself is wrong by 1e-3), and the
classifier goes by the means of the photos' classes, so that logits mean something and vary from photo to photo. Needs torch, torchvision, timm, onnx, numpy, pillow, safetensors.
"""
import argparse
import json
import pathlib
import random
import sys

import numpy as np
import torch
import torch.nn.functional as F

from pictures import as_input, noise, photos
from zoo import EXTENT, FITTED_BY, NETWORKS, NORMALISED_BY, REDUCED, build, restate, scaling, settle

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "training"))
import efficientnet  # noqa: E402
import networks as own  # noqa: E402

RESTATED_BY, AT_ONCE = 256, 64  # photos; few at once on a last map of one pixel leave channels with hardly any variance


class Logits(torch.nn.Module):
    """A network of training/, which also returns its features."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x):
        return self.network(x)[0]


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


class Imported(torch.nn.Module):
    """A network given as a list of folded layers, the MobileNetV2 of ../shared/data/teacher: op (conv, dwconv, fc, add,
    gap), inp, inp2, out, stride, pad, groups, act in its .json, NAME.w and NAME.b in its .npz."""

    def __init__(self, folder):
        super().__init__()
        self.layers = json.loads(next(folder.glob("*.json")).read_text())["layers"]
        for name, value in np.load(next(folder.glob("*.npz"))).items():
            self.register_parameter(name.replace(".", "_"), torch.nn.Parameter(torch.from_numpy(value)))

    def forward(self, x):
        values = {self.layers[0]["inp"]: x}
        for layer in self.layers:
            a, op = values[layer["inp"]], layer["op"]
            if op in ("conv", "dwconv", "fc"):
                weight, bias = (getattr(self, f"{layer['name']}_{part}", None) for part in ("w", "b"))
            if op == "add":
                y = a + values[layer["inp2"]]
            elif op == "gap":
                y = a.mean((2, 3))
            elif op == "fc":
                y = F.linear(a, weight, bias)
            else:
                assert len(set(layer["pad"])) == 1
                y = F.conv2d(a, weight, bias, layer["stride"], layer["pad"][0], 1, layer["groups"])
            values[layer["out"]] = F.relu6(y) if layer.get("act") == "relu6" else y
        return y


def trained(name, path, folder, extent):
    """A network that train.py or training/ trained with smaller pictures: its normalisations get statistics of photos of
    the extent that it is exported with."""
    state = torch.load(path, weights_only=True)
    classes = len(state[[key for key in state if key.endswith("weight")][-1]])
    model = build(name, classes)
    model.load_state_dict(state)
    pictures = photos(folder, RESTATED_BY, extent, 3)
    restate(model, [as_input(part, *scaling(name)) for part in np.split(pictures, RESTATED_BY // AT_ONCE)])
    return model


def prepare(name, folder, arguments):
    """The network, its extent and what there is to say about its weights."""
    extent = arguments.extent or EXTENT.get(name, 224)
    classes = sorted(path.name for path in folder.iterdir() if path.is_dir())
    torch.manual_seed(1)
    if name in own.NAMES and arguments.weights and (arguments.weights / f"{name}.float.safetensors").exists():
        from safetensors.torch import load_file
        state = load_file(arguments.weights / f"{name}.float.safetensors")
        model = own.build(name, len(state["classifier.weight"]))
        model.load_state_dict(state, strict=False)
        return Logits(model).eval(), extent, "trained"
    if name == "mobilenet_v2" and arguments.teacher:
        return Imported(arguments.teacher).eval(), extent, "trained on ImageNet"
    if arguments.trained and (path := arguments.trained / f"{name}.pt").exists():
        return trained(name, path, folder, extent), extent, "trained"
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
    parser.add_argument("--teacher", type=pathlib.Path)
    parser.add_argument("--extent", type=int, help="pixels of a side; without it what the papers have")
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

"""The teacher's lower layers as a start and as a guide; a smaller trained network as the start of a wider one.

Edges, textures and parts are what 9,000 photos teach worst, and the teacher has them from a million. Two things are
taken over. The stem and every block whose input, output and stride the teacher has too start as copies of it, extra
hidden channels beside them at random. And for the first part of training the maps at strides 8 and 16 are pulled
towards the teacher's: a target at every position of every picture, not one for each picture.
"""
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from networks import Block, ConvBN
from teacher import MEAN, STD, load_module

# Layers of the teacher's blocks (expand, depthwise, project) by (inputs, outputs, stride), in their order.
BLOCKS = {
    (32, 16, 1): [(None, "l01", "l02")],
    (16, 24, 2): [("l03", "l04", "l05")],
    (24, 24, 1): [("l06", "l07", "l08")],
    (24, 32, 2): [("l09", "l10", "l11")],
    (32, 32, 1): [("l12", "l13", "l14"), ("l15", "l16", "l17")],
    (32, 64, 2): [("l18", "l19", "l20")],
    (64, 64, 1): [("l21", "l22", "l23"), ("l24", "l25", "l26"), ("l27", "l28", "l29")],
}
GUIDES = {8: ("t21", 32), 16: ("t36", 64)}


class Trunk:
    """The teacher up to stride 16, on the student's input."""

    def __init__(self, data, device):
        _, spec = load_module(data).load()
        arrays = np.load(Path(data) / "teacher" / "mobilenet_v2_imagenet.npz")
        self.weights = {k: torch.from_numpy(arrays[k]).to(device) for k in arrays.files}
        last = next(i for i, layer in enumerate(spec["layers"]) if layer["out"] == GUIDES[16][0])
        self.layers = spec["layers"][:last + 1]
        self.first = spec["layers"][0]["inp"]
        self.mean, self.std = (v.to(device).view(1, 3, 1, 1) for v in (MEAN, STD))

    @torch.no_grad()
    def __call__(self, x, visit=None):
        """visit(name, output without bias) is called for every convolution."""
        t = {self.first: (x * 64 + 128 - self.mean) / self.std}
        for s in self.layers:
            a = t[s["inp"]]
            if s["op"] == "add":
                t[s["out"]] = a + t[s["inp2"]]
                continue
            y = F.conv2d(a, self.weights[s["name"] + ".w"], None, s["stride"], s["pad"][0], groups=s["groups"])
            if visit:
                visit(s["name"], y)
            y = y + self.weights[s["name"] + ".b"].view(1, -1, 1, 1)
            t[s["out"]] = y.clamp(0, 6) if s["act"] == "relu6" else y
        return {stride: t[name] for stride, (name, _) in GUIDES.items()}


@torch.no_grad()
def copy_into(network, trunk, x):
    """Copies matching layers and returns their count; x is a batch that shows how each layer's output is distributed.

    The stem and the first block, where they are the teacher's entirely, stay so: a fifth of a step's time is theirs.
    """
    moments = {}
    trunk(x, lambda name, y: moments.update({name: (y.mean((0, 2, 3)), y.var((0, 2, 3)))}))

    def copy(layer, name):
        weight, (mean, variance) = trunk.weights[name + ".w"], moments[name]
        outputs, inputs = weight.shape[:2]
        if layer.conv.weight.shape[1] > inputs:
            layer.conv.weight[:, inputs:] *= 0.1
        layer.conv.weight[:outputs, :inputs] = weight
        layer.bn.weight[:outputs] = (variance + layer.bn.eps).sqrt()
        layer.bn.bias[:outputs] = trunk.weights[name + ".b"] + mean
        layer.bn.running_mean[:outputs], layer.bn.running_var[:outputs] = mean, variance
        return 1

    copied, whole, left = 0, [], {key: list(names) for key, names in BLOCKS.items()}
    if isinstance(network.stem, ConvBN):
        copied += copy(network.stem, "l00")
        network.stem.conv.weight *= 64 / trunk.std
        network.stem.bn.running_mean.copy_(F.conv2d(x, network.stem.conv.weight, None, 2, 1).mean((0, 2, 3)))
        whole.append(network.stem)
    for block in network.blocks:
        if not isinstance(block, Block) or block.project.active:
            continue
        first = getattr(block, "expand", block.depthwise).conv
        inputs = first.in_channels
        key = inputs, block.project.conv.out_channels, block.depthwise.conv.stride[0]
        hidden = block.depthwise.conv.out_channels
        names = next((n for n in left.get(key, []) if trunk.weights[n[1] + ".w"].shape[0] <= hidden), None)
        if names and (names[0] is not None) == hasattr(block, "expand"):
            left[key].remove(names)
            if not names[0] and whole:
                whole.append(block)
            copied += sum(copy(getattr(block, part), name)
                          for part, name in zip(("expand", "depthwise", "project"), names) if name)
    network.freeze(whole)
    return copied


@torch.no_grad()
def widen(network, weights):
    """Starts a network as a narrower trained one (a dict of its tensors) and returns the count of tensors taken over.

    Both have the same blocks. What the narrow network had lands in the first channels; added channels start at random,
    and nothing of the old listens to them yet, so the wide network computes at first exactly what the narrow one did
    (Net2Net, Chen, Goodfellow and Shlens 2016, with silent instead of doubled channels).
    """
    own = network.state_dict()
    names = [name for name in own if not name.endswith("num_batches_tracked")]
    if missing := [name for name in names if name not in weights]:
        raise ValueError(f"the narrow network lacks {missing[0]}: its blocks are others")
    for name in names:
        narrow, wide = weights[name], own[name]
        if any(n > w for n, w in zip(narrow.shape, wide.shape)):
            raise ValueError(f"{name} is wider in the network to start from")
        outputs, rest = narrow.shape[0], narrow.shape[1:]
        if wide.ndim > 1:
            wide[:outputs] = 0
        wide[(slice(outputs), *(slice(n) for n in rest))] = narrow
    network.freeze([network.stem, network.blocks[0]])
    return len(names)


class Guide(nn.Module):
    """Distance of the student's maps at strides 8 and 16 from the teacher's, through a 1x1 that only training has."""

    def __init__(self, network, trunk, x):
        super().__init__()
        self.trunk, self.after, maps = trunk, {}, {}
        with torch.no_grad():
            y, side = network.stem(x), x.shape[-1]
            for i, block in enumerate(network.blocks):
                y = block(y)
                stride = round(side / y.shape[-1])
                if stride in GUIDES:
                    self.after[stride], maps[stride] = i, y.shape[1]
        self.map = nn.ModuleDict({str(s): nn.Conv2d(c, GUIDES[s][1], 1) for s, c in maps.items()})
        for layer in self.map.values():
            nn.init.dirac_(layer.weight)
            nn.init.zeros_(layer.bias)

    def attach(self, network):
        """Makes the network leave its maps behind as it runs."""
        self.seen = {}
        self.hooks = [network.blocks[i].register_forward_hook(lambda _, __, y, s=s: self.seen.__setitem__(s, y))
                      for s, i in self.after.items()]

    def detach(self):
        while self.hooks:
            self.hooks.pop().remove()
        self.seen.clear()

    def forward(self, x):
        loss = 0
        for stride, target in self.trunk(x).items():
            scale = target.float().var((0, 2, 3), keepdim=True) + 0.05
            loss = loss + ((self.map[str(stride)](self.seen[stride]) - target).float().square() / scale).mean()
        return loss

#!/usr/bin/env python3
"""Trains the networks of export.py for some minutes of a processor each, so that int8 is judged on weights that learned.

    bench/networks/train.py DATA OUT --cache DIR NAME=SECONDS ...

DATA holds train/, test/ and LABELS. Small pictures, Adam, a cosine to zero over the seconds given, one thread. The aim
is not accuracy but weights that training has made robust; what they reach on 240 photos of the test split is printed.
Writes OUT/NAME.pt, by the names of torchvision and timm, and --cache keeps the decoded photos. Needs torch, torchvision, timm.
"""
import argparse
import math
import pathlib
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

from pictures import as_input
from zoo import build, restate, scaling

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "training"))
from augment import crop_view, draw_views  # noqa: E402
from data import load_labels, load_photos  # noqa: E402

SIDE = {"inception_v3": 96, "xception": 96}  # others 64: the smallest that leave a last map of two by two pixels
BATCH = {"resnet101": 32, "senet154": 16, "xception": 32, "vgg16": 32}
RATE = {"vgg16": 1e-4}  # no normalisation
DECAY = {"efficientnet_b0_dup_max": 0.05}  # nothing normalises what its maxima pass on


def calm(network):
    """The last normalisation of a residual block starts at zero, the usual start of deep ones."""
    for path, module in network.named_modules():
        if path.endswith("bn3") and isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.zeros_(module.weight)


def views(name, photos, boxes, chosen, side):
    return as_input(np.stack([crop_view(photos[i], boxes[i, 1], side) for i in chosen]), *scaling(name))


def train(name, photos, boxes, classes, seconds):
    torch.manual_seed(1)
    network = build(name, classes).to(memory_format=torch.channels_last)
    calm(network)
    batch, side = BATCH.get(name, 64), SIDE.get(name, 64)
    optimiser = torch.optim.AdamW(network.parameters(), 1, weight_decay=DECAY.get(name, 0))
    random, order, losses = np.random.default_rng(1), [], []
    network.train()
    start = time.process_time()
    while (spent := (time.process_time() - start) / seconds) < 1:
        if len(order) < batch:
            order = list(random.permutation(len(photos)))
        chosen, order = order[:batch], order[batch:]
        rate = RATE.get(name, 2e-3) * min(1, (len(losses) + 1) / 20) * (0.5 + 0.5 * math.cos(math.pi * spent))
        for group in optimiser.param_groups:
            group["lr"] = rate
        x = views(name, photos, boxes, chosen, side).contiguous(memory_format=torch.channels_last)
        loss = F.cross_entropy(network(x), torch.from_numpy(photos.labels[chosen]))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5)
        optimiser.step()
        losses.append(loss.item())
        if len(losses) % 50 == 0:
            print(f"  {name}: {len(losses)} steps, loss {np.mean(losses[-50:]):.3f}", flush=True)
    return network, len(losses) * batch


@torch.no_grad()
def accuracy(name, network, photos, boxes, test, side):
    restate(network, [views(name, photos, boxes, range(first, len(photos), len(photos) // 32), side) for first in range(4)])
    chosen = np.linspace(0, len(test) - 1, 240).astype(int)
    right = 0
    for part in np.split(chosen, 6):
        right += int((network(as_input(test.squares(part, side), *scaling(name))).argmax(1).numpy() == test.labels[part]).sum())
    return right / len(chosen)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("networks", nargs="+", metavar="NAME=SECONDS")
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for folder in (arguments.out, arguments.cache):
        folder.mkdir(parents=True, exist_ok=True)
    classes = load_labels(arguments.data)
    photos, test = (load_photos(arguments.data, split, arguments.cache) for split in ("train", "test"))
    boxes = draw_views(photos, 2, 1)
    for name, seconds in (part.split("=") for part in arguments.networks):
        network, seen = train(name, photos, boxes, len(classes), float(seconds))
        torch.save(network.state_dict(), arguments.out / f"{name}.pt")
        right = accuracy(name, network, photos, boxes, test, SIDE.get(name, 64))
        print(f"{name}: {seen} photos of {SIDE.get(name, 64)} pixels in {seconds} s, top-1 {right:.3f}", flush=True)


if __name__ == "__main__":
    main()

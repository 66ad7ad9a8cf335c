"""Seed 002 put to the test: EfficientNet-B0 against its three reductions, one recipe, small pictures, few epochs.

The seed's recipe: cross entropy, Adam, learning rate 0.01, cosine to zero. Each network sees the same crops in the same
order; nothing is chosen on the test split. Networks take turns, an epoch each.

    OMP_NUM_THREADS=1 python training/duplicate_maxpooling.py --data DIR --out DIR [--side 64] [--epochs 7]

Writes NETWORK.pt (weights by torchvision's names) and duplicate_maxpooling.json into --out.
"""
import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import efficientnet
from augment import crop_view, draw_views
from data import load_labels, load_photos
from export import write_json

BATCH = 64


def to_input(images):
    """Bytes [N, H, W, 3] to [N, 3, H, W], as channels last in memory."""
    return ((torch.from_numpy(images).float() - 128) / 64).permute(0, 3, 1, 2)


class Run:
    """One network, its optimiser and the processor seconds it took."""

    def __init__(self, name, classes, epochs, steps, rate):
        torch.manual_seed(0)
        self.name, self.network = name, efficientnet.build(name, classes).to(memory_format=torch.channels_last)
        self.optimiser = torch.optim.Adam(self.network.parameters(), rate)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(
            self.optimiser, lambda step: 0.5 + 0.5 * math.cos(math.pi * min(step / (epochs * steps), 1)))
        self.seconds, self.curve = 0.0, []

    def epoch(self, photos, boxes, order, side):
        self.network.train()
        start, losses = time.process_time(), []
        for first in range(0, len(order) - BATCH + 1, BATCH):
            chosen = order[first:first + BATCH]
            images = np.stack([crop_view(photos[i], boxes[i, 1], side) for i in chosen])
            loss = F.cross_entropy(self.network(to_input(images)), torch.from_numpy(photos.labels[chosen]))
            self.optimiser.zero_grad()
            loss.backward()
            self.optimiser.step()
            self.schedule.step()
            losses.append(loss.item())
        self.seconds += time.process_time() - start
        return float(np.mean(losses))

    @torch.no_grad()
    def right(self, images, labels):
        """Share of right answers."""
        self.network.eval()
        logits = torch.cat([self.network(to_input(images[i:i + BATCH])) for i in range(0, len(images), BATCH)])
        return float((logits.argmax(1).numpy() == labels).mean())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="folder with train/, test/ and LABELS")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--side", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=7)
    parser.add_argument("--rate", type=float, default=0.01, help="learning rate at the start")
    parser.add_argument("--only", choices=list(efficientnet.REDUCTIONS), action="append")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in efficientnet.REDUCTIONS:
        assert efficientnet.count(efficientnet.build(name, 10)) == efficientnet.PARAMETERS[name]

    classes = load_labels(arguments.data)
    photos, test = (load_photos(arguments.data, split, arguments.out) for split in ("train", "test"))
    squares = test.squares(range(len(test)), arguments.side)
    runs = [Run(name, len(classes), arguments.epochs, len(photos) // BATCH, arguments.rate)
            for name in arguments.only or efficientnet.REDUCTIONS]
    for epoch in range(arguments.epochs):
        boxes = draw_views(photos, 2, epoch)
        order = np.random.default_rng(epoch).permutation(len(photos))
        for run in runs:
            loss, right = run.epoch(photos, boxes, order, arguments.side), run.right(squares, test.labels)
            run.curve.append((round(loss, 4), round(right, 4)))
            print(f"epoch {epoch + 1} {run.name}: loss {loss:.3f}, test {right:.4f}, {run.seconds:.0f} s", flush=True)
    for run in runs:
        torch.save(run.network.state_dict(), arguments.out / f"{run.name}.pt")
    write_json(arguments.out / "duplicate_maxpooling.json", {
        "side": arguments.side, "epochs": arguments.epochs, "rate": arguments.rate, "test_photos": len(test),
        "networks": [{"name": r.name, "parameters_10_classes": efficientnet.PARAMETERS[r.name],
                      "parameters": efficientnet.count(r.network), "top1": r.curve[-1][1],
                      "curve": r.curve, "training_cpu_s": round(r.seconds)} for r in runs]})


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Makes Tests/ImportTests/Fixtures: tiny networks with random weights as ONNX files, one picture, and the logits that
onnxruntime computes of it. Between them they hold every operator that the importer knows. Needs torch, onnx, onnxruntime.

    Tests/ImportTests/make-fixtures.py
"""
import pathlib

import numpy as np
import onnxruntime as ort
import torch
from torch import nn
from torch.nn import functional as F

FOLDER = pathlib.Path(__file__).parent / "Fixtures"
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)


class Squeeze(nn.Module):
    def __init__(self, channels, inner, gate):
        super().__init__()
        self.fc1, self.fc2 = nn.Conv2d(channels, 4, 1), nn.Conv2d(4, channels, 1)
        self.inner, self.gate = inner, gate

    def forward(self, x):
        return x * self.gate(self.fc2(self.inner(self.fc1(F.adaptive_avg_pool2d(x, 1)))))


class Mobile(nn.Module):
    """Depthwise windows, gates, (hard) swish, ReLU6, a skip."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.Hardswish())
        self.expand = nn.Sequential(nn.Conv2d(8, 24, 1, bias=False), nn.BatchNorm2d(24), nn.SiLU())
        self.depthwise = nn.Sequential(nn.Conv2d(24, 24, 5, 1, 2, groups=24), nn.BatchNorm2d(24), nn.ReLU6())
        self.se = Squeeze(24, nn.ReLU(), nn.Hardsigmoid())
        self.se2 = Squeeze(24, nn.SiLU(), nn.Sigmoid())
        self.project = nn.Sequential(nn.Conv2d(24, 8, 1, bias=False), nn.BatchNorm2d(8))
        self.fc = nn.Linear(8, 5)

    def forward(self, x):
        x = self.stem(x)
        x = x + self.project(self.se2(self.se(self.depthwise(self.expand(x)))))
        return self.fc(x.mean([2, 3]))


class Shuffle(nn.Module):
    """Splits, shuffles, concatenation, pools, groups, dilation."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 12, 7, 2, 3), nn.ReLU(), nn.MaxPool2d(3, 2, 1))
        self.right = nn.Sequential(
            nn.Conv2d(6, 6, 1), nn.ReLU(), nn.Conv2d(6, 6, 3, 1, 1, groups=6), nn.Conv2d(6, 6, 1), nn.ReLU())
        self.grouped = nn.Conv2d(12, 12, 3, 1, 2, dilation=2, groups=3)
        self.row, self.column = nn.Conv2d(12, 4, (1, 3), padding=(0, 1)), nn.Conv2d(12, 4, (3, 1), padding=(1, 0))
        self.fc = nn.Linear(20 + 12, 5)

    def forward(self, x):
        x = self.stem(x)
        left, right = x.chunk(2, dim=1)
        x = torch.cat((left, self.right(right)), dim=1)
        n, c, h, w = x.shape
        x = x.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)
        y = F.avg_pool2d(x, 3, 1, 1)
        z = F.adaptive_avg_pool2d(F.max_pool2d(x, 3, 2, ceil_mode=True), 1)
        x = torch.cat([self.row(y), self.column(self.grouped(x)), y], dim=1)
        return self.fc(torch.flatten(torch.cat([F.adaptive_avg_pool2d(x, 1), z], 1), 1))


class Dense(nn.Module):
    """Normalisation before convolution, dense layers on a picture, sums of two branches, a softmax."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 5, 2)
        self.norm, self.mix = nn.BatchNorm2d(6), nn.Conv2d(6, 6, 3, padding=1)
        self.side = nn.Conv2d(6, 12, 1, stride=2)
        self.down = nn.Conv2d(12, 12, 3, stride=2, padding=1)
        self.fc1, self.fc2 = nn.Linear(12 * 5 * 5, 16), nn.Linear(16, 5)

    def forward(self, x):
        x = self.conv(x)
        y = torch.cat([x, self.mix(F.relu(self.norm(x)))], 1)
        x = F.relu(self.down(y) + self.side(x))
        return self.fc2(F.relu(self.fc1(torch.flatten(x, 1))))


def settle(model):
    for norm in [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]:
        norm.momentum = None
        nn.init.uniform_(norm.weight, 0.7, 1.3)
        nn.init.uniform_(norm.bias, -0.2, 0.2)
    model.train()
    with torch.no_grad():
        model(torch.randn(8, 3, 23, 23))
    return model.eval()


def main():
    FOLDER.mkdir(exist_ok=True)
    picture = np.random.default_rng(7).integers(0, 256, (23, 23, 3), np.uint8)
    picture.tofile(FOLDER / "picture.rgb")
    x = ((picture.astype(np.float32) / 255 - MEAN) / STD).transpose(2, 0, 1)[None]
    for name, make, opset, folded in [
        ("mobile-17", Mobile, 17, True), ("mobile-11-unfolded", Mobile, 11, False), ("shuffle-13", Shuffle, 13, True),
        ("shuffle-20", Shuffle, 20, True), ("dense-18", Dense, 18, True), ("dense-12-unfolded", Dense, 12, False),
    ]:
        torch.manual_seed(3)
        model = settle(make())
        path = FOLDER / f"{name}.onnx"
        torch.onnx.export(
            model, torch.zeros(1, 3, 23, 23), str(path), opset_version=opset, dynamo=False,
            training=torch.onnx.TrainingMode.EVAL if folded else torch.onnx.TrainingMode.PRESERVE,
            do_constant_folding=folded)
        session = ort.InferenceSession(str(path))
        logits = session.run(None, {session.get_inputs()[0].name: x})[0][0].astype(np.float32)
        logits.tofile(FOLDER / f"{name}.logits")
        print(name, path.stat().st_size, logits)


if __name__ == "__main__":
    main()

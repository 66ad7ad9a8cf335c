#!/usr/bin/env python3
"""Makes Tests/ImportTests/Fixtures: tiny networks with random weights as ONNX files, one picture, and the logits that
onnxruntime computes of it. Between them they hold every operator that the importer knows; the probe is also there as
PyTorch and safetensors files. Needs torch, onnx, onnxruntime, safetensors.

    Tests/ImportTests/make-fixtures.py
"""
import pathlib

import numpy as np
import onnxruntime as ort
import safetensors.torch
import torch
from onnxruntime import quantization as quant
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


class Layer(nn.Module):
    def __init__(self, inputs, outputs, stride, groups):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride, 1, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return self.bn(self.conv(x))


class Probe(nn.Module):
    """The smallest network with a name of its own: `KnownNetwork.probe`."""

    def __init__(self):
        super().__init__()
        self.stem, self.depthwise = Layer(3, 4, 2, 1), Layer(4, 4, 1, 4)
        self.fc = nn.Linear(4, 3)

    def forward(self, x):
        return self.fc(F.relu6(self.depthwise(F.relu(self.stem(x)))).mean([2, 3]))


def probes(picture):
    """One set of weights in every way that files of named tensors come about."""
    torch.manual_seed(5)
    model = settle(Probe())
    x = torch.from_numpy(picture[:8, :8].astype(np.float32).transpose(2, 0, 1)[None].copy())
    x = (x / 255 - torch.from_numpy(MEAN)[:, None, None]) / torch.from_numpy(STD)[:, None, None]
    with torch.no_grad():
        model(x)[0].numpy().tofile(FOLDER / "probe.logits")
    state = model.state_dict()
    torch.save(state, FOLDER / "probe.pt")
    optimizer = torch.optim.Adam(model.parameters())
    torch.save({"epoch": 3, "best": 0.5, "history": [1, (2.5, None, True)], "optimizer": optimizer.state_dict(),
                "state_dict": {f"module.{k}": v.double() for k, v in state.items()}}, FOLDER / "probe-wrapped.pt")
    # Views: every tensor lies the other way round within one storage for all.
    flat = torch.cat([v.t().flatten() if v.dim() == 2 else v.permute(3, 2, 1, 0).flatten() if v.dim() == 4 else v.flatten()
                      for v in state.values() if v.dim()])
    views, place = {}, 0
    for name, v in state.items():
        if v.dim():
            views[name] = torch.as_strided(flat, v.shape[::-1], torch.empty(v.shape[::-1]).stride(), place).permute(
                *range(v.dim() - 1, -1, -1))
            place += v.numel()
    assert all(torch.equal(views[n], state[n]) for n in views)
    torch.save(views, FOLDER / "probe-views.pt")
    torch.save(model, FOLDER / "probe-module.pt")
    safetensors.torch.save_file(state, FOLDER / "probe.safetensors")
    safetensors.torch.save_file({k.replace("stem", "conv_stem"): v.bfloat16() if v.is_floating_point() else v
                                 for k, v in state.items()}, FOLDER / "probe-bfloat16.safetensors")
    torch.onnx.export(model, torch.zeros(1, 3, 8, 8), str(FOLDER / "probe.onnx"), opset_version=17, dynamo=False)


class Pictures(quant.CalibrationDataReader):
    """Random pictures, normalised."""

    def __init__(self, session):
        own = session.get_inputs()[0]
        generator = np.random.default_rng(9)
        pictures = (generator.integers(0, 256, (own.shape[2], own.shape[3], 3)).astype(np.float32) for _ in range(32))
        self.inputs = ({own.name: ((p / 255 - MEAN) / STD).transpose(2, 0, 1)[None]} for p in pictures)

    def get_next(self):
        return next(self.inputs, None)


def quantized(picture):
    """QDQ files of onnxruntime's own quantizer, and what onnxruntime computes of them."""
    for name, of, activations in [
        ("mobile-qdq-u8", "mobile-17", quant.QuantType.QUInt8), ("shuffle-qdq-s8", "shuffle-20", quant.QuantType.QInt8),
        ("dense-qdq-u8", "dense-18", quant.QuantType.QUInt8), ("probe-qdq", "probe", quant.QuantType.QUInt8),
    ]:
        path, prepared = FOLDER / f"{name}.onnx", FOLDER / "prepared.onnx"
        quant.quant_pre_process(str(FOLDER / f"{of}.onnx"), str(prepared), skip_symbolic_shape=True)
        quant.quantize_static(
            str(prepared), str(path), Pictures(ort.InferenceSession(str(prepared))), per_channel=True,
            quant_format=quant.QuantFormat.QDQ, activation_type=activations, weight_type=quant.QuantType.QInt8)
        prepared.unlink()
        session = ort.InferenceSession(str(path))
        own = session.get_inputs()[0]
        x = ((picture[:own.shape[2], :own.shape[3]].astype(np.float32) / 255 - MEAN) / STD).transpose(2, 0, 1)[None]
        session.run(None, {own.name: x})[0][0].astype(np.float32).tofile(FOLDER / f"{name}.logits")


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
    probes(picture)
    quantized(picture)


if __name__ == "__main__":
    main()

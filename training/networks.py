"""The networks, each a function of its table.

Simplified MobileNetV2 (SM_V2) and its variants, MobileNetV1 and MobileNetV2 are one class: a stem, a table of
blocks (t, c, n, s: expansion, channels, repeats, first stride) and a classifier. ShuffleNetV2 has its own block.
Every convolution is bias-free and followed by batch normalisation; every 3x3 pads one pixel on each side.
The input is (pixel - 128) / 64, so that zero padding is the pixel 128 exactly.
"""
import math

import torch
import torch.nn.functional as F
from torch import nn

WIDTH_OF_SM_V2 = 1024

SM_V2 = {
    "sm_v2": [(1, 16, 1, 1), (4, 16, 2, 2), (8, 32, 2, 2), (8, 64, 2, 2), (8, 128, 1, 2)],
    "sm_v2_2_2": [(1, 16, 1, 1), (4, 32, 2, 2), (8, 64, 2, 2), (8, 64, 2, 2), (8, 128, 1, 2)],
    "sm_v2_3_2": [(1, 16, 1, 1), (4, 16, 2, 2), (8, 64, 2, 2), (8, 128, 2, 2), (8, 128, 1, 2)],
    "sm_v2_2_1_5": [(1, 16, 1, 1), (4, 24, 2, 2), (8, 48, 2, 2), (8, 64, 2, 2), (8, 128, 1, 2)],
    "sm_v2_x2nr": [(1, 16, 1, 1), (4, 32, 2, 2), (8, 64, 2, 2), (8, 128, 2, 2), (8, 256, 1, 2)],
}
MOBILENET_V1 = [(1, 64, 1, 1), (1, 128, 2, 2), (1, 256, 2, 2), (1, 512, 6, 2), (1, 1024, 2, 2)]
MOBILENET_V2 = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]
SHUFFLENET_V2 = [(116, 4), (232, 8), (464, 4)]
NAMES = [*SM_V2, "mobilenet_v1", "mobilenet_v2", "shufflenet_v2"]


class StridedDepthwise(torch.autograd.Function):
    """A depthwise convolution of stride 2 whose gradient is one of stride 1 over a gradient spread with zeros.

    The same numbers as PyTorch's own; on a CPU in bfloat16 its gradient is otherwise thirty times slower.
    """

    @staticmethod
    def forward(context, x, weight):
        context.save_for_backward(x, weight)
        return F.conv2d(x, weight, None, 2, 1, groups=weight.shape[0])

    @staticmethod
    def backward(context, gradient):
        x, weight = context.saved_tensors
        channels = weight.shape[0]
        spread = torch.zeros_like(x)
        spread[:, :, ::2, ::2] = gradient
        _, for_weight, _ = torch.ops.aten.convolution_backward(
            gradient, x, weight, None, [2, 2], [1, 1], [1, 1], False, [0, 0], channels, [False, True, False])
        return F.conv2d(spread, weight.flip(2, 3), None, 1, 1, groups=channels), for_weight


class ConvBN(nn.Module):
    """Convolution, batch normalisation and, where asked for, ReLU6."""

    def __init__(self, inputs, outputs, kernel=1, stride=1, groups=1, active=True):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(outputs, eps=1e-5)
        self.active = active

    def convolve(self, x):
        if self.conv.groups > 1 and self.conv.stride[0] == 2 and x.dtype == torch.bfloat16 and x.device.type == "cpu":
            return StridedDepthwise.apply(x, self.conv.weight.to(x.dtype))
        return self.conv(x)

    def forward(self, x):
        x = self.bn(self.convolve(x))
        return F.relu6(x) if self.active else x


class Block(nn.Module):
    """Inverted residual: expand, filter each channel on its own, project."""

    def __init__(self, inputs, outputs, expansion, stride, skip=True, active=False):
        super().__init__()
        hidden = inputs * expansion
        if expansion > 1:
            self.expand = ConvBN(inputs, hidden)
        self.depthwise = ConvBN(hidden, hidden, 3, stride, groups=hidden)
        self.project = ConvBN(hidden, outputs, active=active)
        self.skip = skip and stride == 1 and inputs == outputs

    def forward(self, x):
        y = self.expand(x) if hasattr(self, "expand") else x
        y = self.project(self.depthwise(y))
        return x + y if self.skip else y


class ShuffleBlock(nn.Module):
    """ShuffleNetV2: half of the channels pass by, or, at stride 2, take a path of their own."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        half = outputs // 2
        self.stride = stride
        if stride == 2:
            self.bypass = nn.Sequential(ConvBN(inputs, inputs, 3, 2, inputs, active=False), ConvBN(inputs, half))
        self.path = nn.Sequential(ConvBN(inputs if stride == 2 else half, half),
                                  ConvBN(half, half, 3, stride, half, active=False), ConvBN(half, half))

    def forward(self, x):
        a, b = (self.bypass(x), x) if self.stride == 2 else x.chunk(2, 1)
        n, c, h, w = (y := torch.cat([a, self.path(b)], 1)).shape
        return y.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)


class Network(nn.Module):
    """stem, blocks, head (where there is one), global average, classifier."""

    def __init__(self, stem, blocks, head, width, classes):
        super().__init__()
        self.stem, self.blocks, self.head = stem, nn.ModuleList(blocks), head
        self.frozen = []  # parts that stay as they are
        self.classifier = nn.Linear(width, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                fan_out = module.weight.shape[0] * module.weight[0, 0].numel() / module.groups
                nn.init.normal_(module.weight, std=math.sqrt(2 / fan_out))
        nn.init.normal_(self.classifier.weight, std=0.01)
        nn.init.zeros_(self.classifier.bias)

    def freeze(self, parts):
        self.frozen = parts
        for part in parts:
            part.requires_grad_(False)
        return self.train(self.training)

    def train(self, mode=True):
        super().train(mode)
        for part in self.frozen:
            part.eval()
        return self

    def features(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x).mean((2, 3))

    def forward(self, x, dropout=0.0):
        features = self.features(x)
        return self.classifier(F.dropout(features, dropout, self.training)), features


def from_table(table, skip=True, active=False, last=None, head=None, classes=24):
    """last: width of a final block with expansion 8 whose projection is activated; head: width of a final 1x1."""
    blocks, channels = [], 32
    for expansion, outputs, repeats, stride in table:
        for i in range(repeats):
            blocks.append(Block(channels, outputs, expansion, stride if i == 0 else 1, skip, active))
            channels = outputs
    if last:
        blocks.append(Block(channels, last, 8, 1, skip=False, active=True))
        channels = last
    top = ConvBN(channels, head) if head else nn.Identity()
    return Network(ConvBN(3, 32, 3, 2), blocks, top, head or channels, classes)


def shufflenet_v2(classes=24):
    blocks, channels = [], 24
    for outputs, repeats in SHUFFLENET_V2:
        blocks += [ShuffleBlock(channels if i == 0 else outputs, outputs, 2 if i == 0 else 1) for i in range(repeats)]
        channels = outputs
    stem = nn.Sequential(ConvBN(3, 24, 3, 2), nn.MaxPool2d(3, 2, 1))
    return Network(stem, blocks, ConvBN(channels, 1024), 1024, classes)


def build(name, classes=24):
    if name in SM_V2:
        return from_table(SM_V2[name], skip=name != "sm_v2_x2nr", last=WIDTH_OF_SM_V2, classes=classes)
    if name == "mobilenet_v1":
        return from_table(MOBILENET_V1, skip=False, active=True, classes=classes)
    if name == "mobilenet_v2":
        return from_table(MOBILENET_V2, head=1280, classes=classes)
    if name == "shufflenet_v2":
        return shufflenet_v2(classes)
    raise ValueError(f"unknown network {name!r}; known: {', '.join(NAMES)}")

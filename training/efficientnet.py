"""EfficientNet-B0 and its three reductions of seed 002, "duplicate max-pooling".

In every block whose input and output have as many channels, the expansion may be copies of the channels (each channel t
times in a row) and the projection a maximum over each group of t channels, both without normalisation. Module names
are torchvision's, so that one importer reads both.
"""
import torch
from torch import nn

# t, c, n, s, k: expansion, channels, repeats, first stride, window
TABLE = [(1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3), (6, 112, 3, 1, 5), (6, 192, 4, 2, 5),
         (6, 320, 1, 1, 3)]
REDUCTIONS = {"efficientnet_b0": (False, False), "efficientnet_b0_max": (False, True),
              "efficientnet_b0_dup": (True, False), "efficientnet_b0_dup_max": (True, True)}
# Seed 002, table 1, with 10 classes.
PARAMETERS = {"efficientnet_b0": 4_020_358, "efficientnet_b0_max": 3_114_374, "efficientnet_b0_dup": 3_104_134,
              "efficientnet_b0_dup_max": 2_198_150}


class Duplicate(nn.Module):
    """[N, c, H, W] to [N, c * copies, H, W]: channel i to the places i * copies ... i * copies + copies - 1."""

    def __init__(self, channels, copies):
        super().__init__()
        self.register_buffer("order", torch.arange(channels).repeat_interleave(copies), persistent=False)

    def forward(self, x):
        return x.index_select(1, self.order)


class GroupMaximum(nn.Module):
    """[N, c * size, H, W] to [N, c, H, W]: the largest of each group of neighbours."""

    def __init__(self, size):
        super().__init__()
        self.size = size

    def forward(self, x):
        n, c, h, w = x.shape
        return x.reshape(n, c // self.size, self.size, h, w).amax(2)


class Squeeze(nn.Module):
    def __init__(self, channels, inner):
        super().__init__()
        self.fc1, self.fc2 = nn.Conv2d(channels, inner, 1), nn.Conv2d(inner, channels, 1)

    def forward(self, x):
        gate = nn.functional.silu(self.fc1(x.mean((2, 3), keepdim=True)))
        return x * torch.sigmoid(self.fc2(gate))


def conv(inputs, outputs, kernel, stride=1, groups=1, active=True):
    layers = [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs)]
    return nn.Sequential(*layers, nn.SiLU()) if active else nn.Sequential(*layers)


class Block(nn.Module):
    def __init__(self, inputs, outputs, t, stride, kernel, duplicate, maximum):
        super().__init__()
        hidden, same = inputs * t, inputs == outputs and t > 1
        layers = []
        if t > 1:
            layers.append(Duplicate(inputs, t) if duplicate and same else conv(inputs, hidden, 1))
        layers += [conv(hidden, hidden, kernel, stride, hidden), Squeeze(hidden, max(1, inputs // 4))]
        layers.append(GroupMaximum(t) if maximum and same else conv(hidden, outputs, 1, active=False))
        self.block, self.skip = nn.Sequential(*layers), stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.block(x) if self.skip else self.block(x)


class EfficientNetB0(nn.Module):
    def __init__(self, classes, duplicate=False, maximum=False):
        super().__init__()
        stages, channels = [conv(3, 32, 3, 2)], 32
        for t, c, n, s, k in TABLE:
            blocks = []
            for i in range(n):
                blocks.append(Block(channels, c, t, s if i == 0 else 1, k, duplicate, maximum))
                channels = c
            stages.append(nn.Sequential(*blocks))
        stages.append(conv(channels, 1280, 1))
        self.features = nn.Sequential(*stages)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, classes))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        nn.init.uniform_(self.classifier[1].weight, -1280 ** -0.5, 1280 ** -0.5)
        nn.init.zeros_(self.classifier[1].bias)

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))


def build(name, classes):
    return EfficientNetB0(classes, *REDUCTIONS[name])


def count(network):
    return sum(p.numel() for p in network.parameters())

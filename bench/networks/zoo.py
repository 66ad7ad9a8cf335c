"""The networks of the papers as torchvision, timm and training/ have them, and what gives their normalisations statistics."""
import pathlib
import sys

import numpy as np
import timm
import torch
import torchvision.models as tv

from pictures import OWN

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "training"))
import efficientnet  # noqa: E402

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


def build(name, classes):
    """A network to be trained: the EfficientNets of training/, others the libraries'."""
    return efficientnet.build(name, classes) if name in efficientnet.REDUCTIONS else NETWORKS[name](classes)


def scaling(name):
    """How pixels become a trained network's input: mean and deviation as arguments of `as_input`; none are ImageNet's."""
    return [np.array(value, np.float32) for value in OWN] if name in efficientnet.REDUCTIONS else []


@torch.no_grad()
def settle(model, pictures):
    """Normalisations take scales and shifts of their own, and the statistics of the pictures."""
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.7, 1.3)
            torch.nn.init.uniform_(module.bias, -0.2, 0.2)
    restate(model, [pictures])


@torch.no_grad()
def restate(model, batches):
    """Statistics of the normalisations anew, from batches of pictures: a network was trained with smaller ones."""
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None  # a plain mean over the batches
            module.reset_running_stats()
        elif hasattr(module, "p") and not isinstance(module, torch.nn.Sequential):
            module.p = 0.0
    model.train()
    for pictures in batches:
        model(pictures)
    model.eval()

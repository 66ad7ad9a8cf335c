"""Pictures for export.py and parity.py: photos and noise, as bytes [N, extent, extent, 3]."""
import pathlib
import random

import numpy as np
from PIL import Image

MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)
OWN = [128 / 255] * 3, [64 / 255] * 3  # networks of training/ see (pixel - 128) / 64


def square(path, extent):
    """The largest centred square, resized."""
    image = Image.open(path).convert("RGB")
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    box = (left, top, left + side, top + side)
    return np.asarray(image.resize((extent, extent), Image.BILINEAR, box), np.uint8)


def photos(source, count, extent, seed=None):
    """Some photos: of a list of files in their order, or of a folder, drawn by the seed."""
    files = source
    if isinstance(source, (str, pathlib.Path)):
        files = sorted(pathlib.Path(source).rglob("*.jpg"))
        random.Random(seed).shuffle(files)
    if len(files) < count:
        raise SystemExit(f"{source}: {len(files)} photos, {count} are needed; give a larger folder")
    return np.stack([square(path, extent) for path in files[:count]])


def noise(count, extent, seed):
    """Every byte on its own."""
    return np.random.default_rng(seed).integers(0, 256, (count, extent, extent, 3), np.uint8)


def as_input(pictures, mean=MEAN, std=STD):
    """[N, 3, H, W] as networks of torchvision want it; a torch tensor."""
    import torch
    return torch.from_numpy(normalised(pictures, mean, std))


def normalised(pictures, mean=MEAN, std=STD):
    return np.ascontiguousarray(((pictures.astype(np.float32) / 255 - mean) / std).transpose(0, 3, 1, 2))

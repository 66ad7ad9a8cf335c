"""The photos of one split, decoded once into one memory-mapped array, and a validation split drawn by file name."""
import hashlib
import json
from pathlib import Path

import numpy as np
from PIL import Image

from export import write_json


class Photos:
    """photos[i] is an [H, W, 3] array of bytes; labels and names go with it."""

    def __init__(self, pixels, index, classes):
        self.pixels = pixels
        self.names = [entry["name"] for entry in index]
        self.shapes = [(entry["height"], entry["width"], 3) for entry in index]
        self.starts = np.concatenate([[0], np.cumsum([h * w * d for h, w, d in self.shapes])])
        self.labels = np.array([classes.index(name.split("/")[0]) for name in self.names])

    def __len__(self):
        return len(self.names)

    def __getitem__(self, i):
        return self.pixels[self.starts[i]:self.starts[i + 1]].reshape(self.shapes[i])

    def square(self, i, side=224):
        """What the camera program shows the network: the largest centred square, resized with a triangle filter."""
        image = Image.fromarray(self[i])
        edge = min(image.size)
        left, top = (image.width - edge) // 2, (image.height - edge) // 2
        return image.resize((side, side), Image.BILINEAR, (left, top, left + edge, top + edge))

    def squares(self, indices, side=224):
        return np.stack([np.asarray(self.square(i, side)) for i in indices])


def load_labels(data, without=()):
    """The classes in their order, less those left out; ValueError for one that is not there to be left out."""
    labels = (Path(data) / "LABELS").read_text().split()
    if strange := set(without) - set(labels):
        raise ValueError(f"no class {min(strange)} in {data}/LABELS")
    return [label for label in labels if label not in without]


def load_photos(data, split, cache, without=()):
    """Decodes a split on first use; later calls map the bytes that the first one wrote. No photo of a class that is
    left out is opened; a cache belongs to one set of classes."""
    labels = load_labels(data, without)
    pixels, index = Path(cache) / f"{split}.bytes", Path(cache) / f"{split}.json"
    if not index.exists():
        entries = []
        with open(pixels, "wb") as out:
            for path in sorted(p for label in labels for p in (Path(data) / split / label).glob("*.jpg")):
                image = Image.open(path).convert("RGB")
                entries.append({"name": f"{path.parent.name}/{path.name}", "width": image.width, "height": image.height})
                out.write(image.tobytes())
        write_json(index, entries)
    return Photos(np.memmap(pixels, np.uint8, "r"), json.loads(index.read_text()), labels)


def validation_split(names, one_in=16):
    """(training, validation) indices; a photo's side depends on its name alone, never on order or on a seed."""
    held = np.array([int(hashlib.sha1(name.encode()).hexdigest(), 16) % one_in == 0 for name in names])
    return np.flatnonzero(~held), np.flatnonzero(held)

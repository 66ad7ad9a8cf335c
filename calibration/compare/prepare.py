"""Photos as every engine of the comparison sees them: centre square, 224x224, as JPEGs without colour subsampling and as
the very bytes that those decode to. Each test photo comes twice: as it is, and with one of five corruptions in turn.

    python3 prepare.py DATA OUTPUT      (needs Pillow; the triangle filter is the one the daemon uses)
"""
import sys
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "training"))
from augment import CORRUPTIONS  # noqa: E402


def prepare(path):
    with Image.open(path) as image:
        image = image.convert("RGB")
        edge = min(image.size)
        left, top = (image.width - edge) // 2, (image.height - edge) // 2
        return np.asarray(image.resize((224, 224), Image.BILINEAR, (left, top, left + edge, top + edge)))


def views(index, picture, corrupts):
    """Names and pixels."""
    yield "clean", picture
    if corrupts:
        name = list(CORRUPTIONS)[index % len(CORRUPTIONS)]
        yield name.replace(" ", "_"), CORRUPTIONS[name](picture.copy(), np.random.default_rng(index))


def main(data, output):
    labels = (data / "LABELS").read_text().split()
    for split in ("calib", "test"):
        for index, path in enumerate(sorted((data / split).glob("*/*.jpg"))):
            folder = output / split / path.parent.name
            folder.mkdir(parents=True, exist_ok=True)
            for name, view in views(index, prepare(path), split == "test"):
                Image.fromarray(view).save(folder / f"{name}_{index:05d}.jpg", quality=95, subsampling=0)
        written = sorted((output / split).glob("*/*.jpg"))
        np.save(output / f"{split}.npy", np.stack([np.asarray(Image.open(path)) for path in written]))
        np.save(output / f"{split}-labels.npy", np.array([labels.index(path.parent.name) for path in written]))
        print(split, len(written))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

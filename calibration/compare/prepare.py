"""Photos as every engine of the comparison sees them: centre square, 224x224, bytes; saved once.

    python3 prepare.py DATA OUTPUT      (needs Pillow; the triangle filter is the one the daemon uses)
"""
import sys
from pathlib import Path

import numpy as np
from PIL import Image


def prepare(path):
    with Image.open(path) as image:
        image = image.convert("RGB")
        edge = min(image.size)
        left, top = (image.width - edge) // 2, (image.height - edge) // 2
        return np.asarray(image.resize((224, 224), Image.BILINEAR, (left, top, left + edge, top + edge)))


if __name__ == "__main__":
    data, output = Path(sys.argv[1]), Path(sys.argv[2])
    labels = (data / "LABELS").read_text().split()
    output.mkdir(parents=True, exist_ok=True)
    for split in ("calib", "test"):
        paths = sorted((data / split).glob("*/*.jpg"))
        np.save(output / f"{split}.npy", np.stack([prepare(path) for path in paths]))
        np.save(output / f"{split}-labels.npy", np.array([labels.index(path.parent.name) for path in paths]))
        print(split, len(paths))

#!/usr/bin/env python3
"""Compares our logits with onnxruntime's, network by network: float on random pictures, int8 on photos.

    bench/networks/parity.py FOLDER PROGRAM [--photos DIR] [--only NAME] [--int8 FOLDER]

FOLDER holds what export.py wrote, PROGRAM is tarsier-parity. With --photos, 200 of them calibrate and 16 others are
compared; without, the int8 network is not judged. Needs numpy, onnxruntime, pillow.
"""
import argparse
import json
import pathlib
import random
import subprocess
import tempfile

import numpy as np
import onnxruntime as ort
from PIL import Image

MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)


def photos(folder, count, extent, seed):
    files = sorted(pathlib.Path(folder).rglob("*.jpg"))
    random.Random(seed).shuffle(files)
    pictures = []
    for file in files[:count]:
        image = Image.open(file).convert("RGB")
        side = min(image.size)
        left, top = (image.width - side) // 2, (image.height - side) // 2
        image = image.crop((left, top, left + side, top + side)).resize((extent, extent), Image.BILINEAR)
        pictures.append(np.asarray(image, np.uint8))
    return np.stack(pictures)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("program")
    parser.add_argument("--photos")
    parser.add_argument("--calibration", type=int, default=200)
    parser.add_argument("--only")
    parser.add_argument("--int8", type=pathlib.Path)
    arguments = parser.parse_args()
    for path in sorted(arguments.folder.glob("*.onnx")):
        if arguments.only and path.stem != arguments.only:
            continue
        session = ort.InferenceSession(str(path))
        extent = session.get_inputs()[0].shape[2]
        generator = np.random.default_rng(1)
        if arguments.photos:
            pictures = photos(arguments.photos, arguments.calibration + 16, extent, 1)
            calibration, judged = pictures[16:], pictures[:16]
        else:
            calibration, judged = None, generator.integers(0, 256, (2, extent, extent, 3), np.uint8)
        logits = []
        for picture in judged:
            x = ((picture.astype(np.float32) / 255 - MEAN) / STD).transpose(2, 0, 1)[None]
            logits.append(session.run(None, {session.get_inputs()[0].name: x})[0][0])
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            judged.tofile(folder / "pictures")
            np.stack(logits).astype(np.float32).tofile(folder / "logits")
            command = [arguments.program, str(path), str(folder / "pictures"), str(folder / "logits")]
            if calibration is not None:
                calibration.tofile(folder / "calibration")
                command.append(str(folder / "calibration"))
                if arguments.int8:
                    arguments.int8.mkdir(parents=True, exist_ok=True)
                    command.append(str(arguments.int8 / f"{path.stem}.int8.safetensors"))
            result = subprocess.run(command, capture_output=True, text=True)
        print(result.stdout.strip() or f"{path.stem}: {result.stderr.strip()}", flush=True)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Compares int8 models that were taken over from QDQ files with onnxruntime running the same files.

    bench/networks/qdq.py FOLDER PROGRAM --photos DIR [--only NAME] [--mean A,B,C] [--std A,B,C] [--judged 64]

FOLDER holds float ONNX files as export.py writes them, PROGRAM is tarsier-parity. onnxruntime quantizes each (entropy
left out: minimum and maximum of 64 photos; int8 weights per channel, uint8 values); both engines then see the same
other photos. Needs numpy, onnxruntime, onnx, pillow.
"""
import argparse
import json
import pathlib
import random
import subprocess
import tempfile

import numpy as np
import onnxruntime as ort
from onnxruntime import quantization as quant
from PIL import Image


def photos(folder, count, extent):
    files = sorted(pathlib.Path(folder).rglob("*.jpg"))
    random.Random(1).shuffle(files)
    pictures = []
    for file in files[:count]:
        image = Image.open(file).convert("RGB")
        side = min(image.size)
        left, top = (image.width - side) // 2, (image.height - side) // 2
        image = image.resize((extent, extent), Image.BILINEAR, (left, top, left + side, top + side))
        pictures.append(np.asarray(image, np.uint8))
    return np.stack(pictures)


class Reader(quant.CalibrationDataReader):
    def __init__(self, name, inputs):
        self.inputs = iter([{name: x[None]} for x in inputs])

    def get_next(self):
        return next(self.inputs, None)


def three(text):
    return np.array([float(part) for part in text.split(",")], np.float32)


def logits(path, inputs):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(str(path), options)
    name = session.get_inputs()[0].name
    return np.stack([session.run(None, {name: x[None]})[0][0] for x in inputs]).astype(np.float32)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("program")
    parser.add_argument("--photos", required=True)
    parser.add_argument("--only")
    parser.add_argument("--mean", type=three, default=three("0.485,0.456,0.406"))
    parser.add_argument("--std", type=three, default=three("0.229,0.224,0.225"))
    parser.add_argument("--judged", type=int, default=64)
    arguments = parser.parse_args()
    for path in sorted(arguments.folder.glob("*.onnx")):
        if arguments.only and path.stem != arguments.only:
            continue
        own = ort.InferenceSession(str(path)).get_inputs()[0]
        pictures = photos(arguments.photos, 64 + arguments.judged, own.shape[2])
        inputs = np.ascontiguousarray(
            ((pictures.astype(np.float32) / 255 - arguments.mean) / arguments.std).transpose(0, 3, 1, 2))
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            prepared, quantized = folder / "prepared.onnx", folder / f"{path.stem}.onnx"
            quant.quant_pre_process(str(path), str(prepared), skip_symbolic_shape=True)
            quant.quantize_static(
                str(prepared), str(quantized), Reader(own.name, inputs[:64]), per_channel=True,
                quant_format=quant.QuantFormat.QDQ, activation_type=quant.QuantType.QUInt8,
                weight_type=quant.QuantType.QInt8)
            wanted = logits(quantized, inputs[64:])
            plain = logits(path, inputs[64:])
            pictures[64:].tofile(folder / "pictures")
            command = [arguments.program, "--quantized", str(quantized), str(folder / "pictures"), str(folder / "logits"),
                       *(",".join(str(x) for x in values) for values in (arguments.mean, arguments.std))]
            result = subprocess.run(command, capture_output=True, text=True)
            if result.returncode:
                print(f"{path.stem}: {result.stderr.strip()}", flush=True)
                continue
            got = np.fromfile(folder / "logits", np.float32).reshape(wanted.shape)
        spread = plain.std()
        report = {"network": path.stem, "photos": arguments.judged}
        for name, (a, b) in {"ours_and_theirs": (got, wanted), "ours_and_float": (got, plain),
                             "theirs_and_float": (wanted, plain)}.items():
            report[name] = {"correlation": round(float(np.corrcoef(a.ravel(), b.ravel())[0, 1]), 5),
                            "difference": round(float(np.sqrt(((a - b) ** 2).mean()) / spread), 4),
                            "top1": round(float((a.argmax(1) == b.argmax(1)).mean()), 4)}
        print(json.dumps(report), flush=True)


if __name__ == "__main__":
    main()

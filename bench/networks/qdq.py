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
import subprocess
import tempfile

import numpy as np
import onnxruntime as ort

import peer
from pictures import normalised, photos


def three(text):
    return np.array([float(part) for part in text.split(",")], np.float32)


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
        pictures = photos(arguments.photos, 64 + arguments.judged, own.shape[2], 1)
        inputs = normalised(pictures, arguments.mean, arguments.std)
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            quantized = folder / f"{path.stem}.onnx"
            peer.quantize(path, quantized, inputs[:64])
            wanted = peer.logits(quantized, inputs[64:])
            plain = peer.logits(path, inputs[64:])
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

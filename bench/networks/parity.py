#!/usr/bin/env python3
"""Compares our logits with onnxruntime's, network by network: float on random pictures, int8 on photos.

    bench/networks/parity.py FOLDER PROGRAM [--calibrate DIR --judge DIR] [--only NAME] [--int8 FOLDER] [--peer FOLDER]

FOLDER holds what export.py wrote, PROGRAM is tarsier-parity. Float: the largest difference of a logit, divided by the
largest magnitude of a logit, over pictures of noise. int8, with folders of photos: Pearson's correlation over all logits
of all judged photos, which were not among those that calibrated; "centred" is the same after each class's mean over the
photos is taken away from its logits, so that what all photos have in common counts for nothing. --peer has onnxruntime
quantize the same network with the same photos (minimum and maximum, int8 weights per channel, uint8 values). Needs numpy,
onnx, onnxruntime, pillow.
"""
import argparse
import json
import pathlib
import subprocess
import tempfile

import numpy as np
import onnxruntime as ort

import peer
from pictures import OWN, noise, normalised, photos


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("program")
    parser.add_argument("--calibrate", help="folder of photos")
    parser.add_argument("--judge", help="folder of other photos")
    parser.add_argument("--calibration", type=int, default=200)
    parser.add_argument("--judged", type=int, default=100)
    parser.add_argument("--only", action="append")
    parser.add_argument("--own", action="append", default=[], help="networks normalised as training/ does")
    parser.add_argument("--auto", action="store_true", help="quantize as `tarsier quantize` does, not by percentile alone")
    parser.add_argument("--peer", type=pathlib.Path, help="measure onnxruntime's int8, too; keep its QDQ models there")
    parser.add_argument("--int8", type=pathlib.Path, help="keep the int8 models there")
    arguments = parser.parse_args()
    if bool(arguments.calibrate) != bool(arguments.judge):
        parser.error("--calibrate and --judge go together")
    for path in sorted(arguments.folder.glob("*.onnx")):
        if not arguments.only or path.stem in arguments.only:
            print(compare(path, arguments), flush=True)


def compare(path, arguments):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(str(path), options)
    name, extent = session.get_inputs()[0].name, session.get_inputs()[0].shape[2]
    scaling = [np.array(v, np.float32) for v in OWN] if path.stem in arguments.own else []
    random = noise(2, extent, 1)
    wanted = np.concatenate([session.run(None, {name: x[None]})[0] for x in normalised(random, *scaling)])
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        random.tofile(folder / "pictures")
        wanted.astype(np.float32).tofile(folder / "logits")
        command = [arguments.program, str(path), str(folder / "pictures"), str(folder / "logits")]
        if scaling:
            command += ["--own"]
        if arguments.calibrate:
            calibration = photos(arguments.calibrate, arguments.calibration, extent, 1)
            judged = photos(arguments.judge, arguments.judged, extent, 1)
            calibration.tofile(folder / "calibration")
            judged.tofile(folder / "judged")
            command += ["--calibration", str(folder / "calibration"), "--judged", str(folder / "judged")]
        if arguments.auto:
            command.append("--auto")
        if arguments.int8:
            arguments.int8.mkdir(parents=True, exist_ok=True)
            command += ["--output", str(arguments.int8 / f"{path.stem}.int8.safetensors")]
        result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        return json.dumps({"network": path.stem, "error": result.stderr.strip().splitlines()[-1:]})
    report = json.loads(result.stdout)
    if arguments.peer:
        arguments.peer.mkdir(parents=True, exist_ok=True)
        quantized = arguments.peer / path.name
        peer.quantize(path, quantized, normalised(calibration, *scaling))
        inputs = normalised(judged, *scaling)
        report["onnxruntime"] = peer.compare(peer.logits(path, inputs), peer.logits(quantized, inputs))
    return json.dumps(report)


if __name__ == "__main__":
    main()

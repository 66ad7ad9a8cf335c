#!/usr/bin/env python3
"""Times our int8 networks and onnxruntime's in turns, one thread each, on one core.

    bench/networks/peers.py FOLDER PROGRAM [--only NAME] [--rounds 5] [--quantize] [--results FILE]

FOLDER holds what export.py wrote and, in int8/, our models of it as parity.py --int8 keeps them; a network without a
model there is timed with random weights of ours, which takes the same time. --quantize writes onnxruntime's own int8
(QDQ, unsigned activations, signed weights a channel) to qdq/ and times nothing; two pictures calibrate, which is enough
for a time. Needs numpy, onnxruntime, onnx.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import time

import peer
from pictures import noise, normalised

NAMES = ["mobilenet_v1", "mobilenet_v2", "shufflenet_v2", "efficientnet_b0", "resnet101", "vgg16"]


class Peer:
    def __init__(self, path):
        self.session = peer.session(path)
        described = self.session.get_inputs()[0]
        self.feed = {described.name: normalised(noise(1, described.shape[2], 4))}

    def median(self, runs):
        times = []
        for _ in range(runs):
            start = time.perf_counter()
            self.session.run(None, self.feed)
            times.append(time.perf_counter() - start)
        return statistics.median(times) * 1e3


def ours(program, folder, name, runs):
    model = folder / "int8" / f"{name}.int8.safetensors"
    what = ["--model", str(model)] if model.exists() else ["--network", name]
    result = subprocess.run([program, "bench", "--json", "--runs", str(runs), "--warm-up", "3", *what],
                            capture_output=True, text=True, check=True)
    return json.loads(result.stdout)["latency_ms"]["p50"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("program")
    parser.add_argument("--only", action="append")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quantize", action="store_true")
    parser.add_argument("--results", type=pathlib.Path)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    (arguments.folder / "qdq").mkdir(exist_ok=True)
    for name in arguments.only or NAMES:
        target = arguments.folder / "qdq" / f"{name}.onnx"
        if arguments.quantize:
            path = arguments.folder / f"{name}.onnx"
            extent = peer.session(path).get_inputs()[0].shape[2]
            peer.quantize(path, target, normalised(noise(2, extent, 3)))
            continue
        other = Peer(target)
        runs = max(3, min(60, round(250 / other.median(3))))
        pairs = [(ours(arguments.program, arguments.folder, name, runs), other.median(runs))
                 for _ in range(arguments.rounds)]
        ours_ms, theirs_ms = (statistics.median(column) for column in zip(*pairs))
        line = {"network": name, "ours_ms": round(ours_ms, 3), "onnxruntime_ms": round(theirs_ms, 3),
                "ratio": round(theirs_ms / ours_ms, 2), "rounds": arguments.rounds}
        print(json.dumps(line), flush=True)
        if arguments.results:
            with open(arguments.results, "a") as file:
                file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()

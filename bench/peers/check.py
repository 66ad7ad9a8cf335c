"""Fails unless every peer computes the network it is timed on: its logits must point where onnxruntime's float ones do.

    check.py FOLDER
"""
import json
import subprocess
import sys
from pathlib import Path

import numpy as np

import network as net
from worker import ENGINES

WANTED = 0.9  # mean cosine: static quantization of random networks loses something, a wrong layout or weight loses all


def logits(folder, engine, network):
    command = [sys.executable, Path(__file__).with_name("worker.py"), folder, engine, network, "--check"]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        return (done.stderr.strip().splitlines() or ["no word"])[-1]
    return np.array(json.loads(done.stdout.strip().splitlines()[-1])["logits"])


def main():
    folder, wrong = sys.argv[1], 0
    for network in net.NETWORKS:
        expected = logits(folder, "onnxruntime-float", network)
        for engine in ENGINES:
            found = logits(folder, engine, network)
            if isinstance(found, str):
                print(f"bench-peers: {engine} on {network} is left out: {found}")
                continue
            # What all pictures share is taken away, so that only what the network says of each counts.
            a, b = expected - expected.mean(0), found - found.mean(0)
            cosine = float(np.mean((a * b).sum(1) / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1))))
            if cosine < WANTED:
                wrong += 1
            verdict = " TOO LOW" if cosine < WANTED else ""
            print(f"bench-peers: {engine} on {network}: cosine {cosine:.3f} to float{verdict}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""Times a network in float in PyTorch on one thread of this machine, to set beside `tarsier bench`.

    python training/bench_float.py [--network sm_v2] [--runs 300]

The network is frozen, its batch norms folded and its convolutions handed to oneDNN: the fastest plain PyTorch there is.
"""
import argparse
import statistics
import time

import torch

import networks


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", default="sm_v2")
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    network = networks.build(args.network, classes=24).eval()
    picture = torch.rand(1, 3, 224, 224) * 4 - 2
    with torch.inference_mode():
        candidates = {"eager": network, "channels last": None, "frozen": None}
        candidates["channels last"] = network.to(memory_format=torch.channels_last)
        traced = torch.jit.trace(network, picture)
        candidates["frozen"] = torch.jit.optimize_for_inference(torch.jit.freeze(traced))
        for name, candidate in candidates.items():
            x = picture.contiguous(memory_format=torch.channels_last) if name == "channels last" else picture
            for _ in range(20):
                candidate(x)
            times = []
            for _ in range(args.runs):
                begin = time.perf_counter()
                candidate(x)
                times.append((time.perf_counter() - begin) * 1e3)
            print(f"{args.network} float32, PyTorch {torch.__version__} {name}, {args.threads} thread: "
                  f"min {min(times):.3f} median {statistics.median(times):.3f} ms")


if __name__ == "__main__":
    main()

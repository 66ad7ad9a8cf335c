#!/usr/bin/env python3
"""Estimates a core's cycles from the blocks that icount.c counted (blocks=FILE).

    estimate-cycles.py [--cpu cortex-a72|cortex-a76] [--top N] BLOCKS

Each block is given to llvm-mca as a loop body; its steady-state cycles per iteration are
multiplied by the number of executions. Caches, branch misses and TLBs are not modelled, so this
compares versions of a kernel; it does not predict a time.
"""
import argparse
import json
import shutil
import subprocess
from collections import defaultdict

# LLVM 19 has no Cortex-A76 model (it reuses the A57's); Neoverse N1 is the same core.
MODEL = {"cortex-a53": "cortex-a53", "cortex-a72": "cortex-a72", "cortex-a76": "neoverse-n1", "max": "neoverse-n2"}


def tool(name):
    return shutil.which(name + "-19") or shutil.which(name)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--cpu", default="cortex-a76", choices=MODEL)
    ap.add_argument("--top", type=int, default=10)
    ap.add_argument("--calls", type=int, default=1, help="how often the counted function ran")
    ap.add_argument("--cover", type=float, default=0.995, help="share of the instructions to model")
    ap.add_argument("blocks")
    a = ap.parse_args()

    blocks = defaultdict(int)
    for line in open(a.blocks):
        execs, start, owner, *words = line.split()
        blocks[start, owner, tuple(words)] += int(execs)
    total = sum(n * len(k[2]) for k, n in blocks.items())
    chosen, seen = [], 0
    for k, n in sorted(blocks.items(), key=lambda kv: -kv[1] * len(kv[0][2])):
        if seen >= a.cover * total:
            break
        chosen.append((k, n))
        seen += n * len(k[2])

    hexes = []
    for (_, _, words), _ in chosen:
        for w in words:
            b = bytes.fromhex(w)[::-1]
            hexes.append(" ".join(f"0x{x:02x}" for x in b))
    dis = subprocess.run([tool("llvm-mc"), "--disassemble", "-triple=aarch64", "-mattr=+all"],
                         input="\n".join(hexes), capture_output=True, text=True, check=True).stdout
    asm = [l.strip() for l in dis.splitlines() if l.strip() and not l.strip().startswith(".")]
    assert len(asm) == len(hexes), "some words did not disassemble"

    text, i = [], 0
    for r, ((_, _, words), _) in enumerate(chosen):
        text += [f"# LLVM-MCA-BEGIN r{r}", *asm[i:i + len(words)], "# LLVM-MCA-END"]
        i += len(words)
    out = subprocess.run([tool("llvm-mca"), "-mtriple=aarch64-linux-gnu", f"-mcpu={MODEL[a.cpu]}", "-mattr=+all",
                          "-json", "-iterations=100", "-skip-unsupported-instructions=any", "-"], input="\n".join(text), capture_output=True, text=True, check=True).stdout
    regions = {r["Name"]: r["SummaryView"] for r in json.loads(out)["CodeRegions"]}

    cycles = bound = 0.0
    rows = []
    for r, ((start, owner, words), n) in enumerate(chosen):
        s = regions[f"r{r}"]
        c = n * s["TotalCycles"] / s["Iterations"]
        cycles += c
        bound += n * s["BlockRThroughput"]
        rows.append((c, n, len(words), s["TotalCycles"] / s["Iterations"], start, owner))
    scale = total / seen
    print(f"instructions {total}  modelled {seen / total:.1%} in {len(chosen)} blocks")
    print(f"cycles {cycles * scale / a.calls:.0f} per call")
    print(f"estimated cycles {cycles * scale:.0f}  (throughput bound {bound * scale:.0f})  IPC {total / (cycles * scale):.2f}  on {a.cpu}")
    for c, n, k, per, start, owner in sorted(rows, reverse=True)[:a.top]:
        print(f"{c / cycles:6.1%}  {n:>10} x {k:3} insns, {per:6.1f} cycles  0x{start} {owner}")


if __name__ == "__main__":
    main()

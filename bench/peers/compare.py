"""Times `tarsier bench` and the peers in turns and prints a Markdown table of each comparison, with ratios.

    compare.py PROGRAM FOLDER [--networks ...] [--parts ...] [--rounds N] [--results FILE] [--report]

Turns: every row of a comparison runs once, in a process of its own, then all again, `--rounds` times; so that a clock
that drifts and neighbours that come and go meet all alike. A one-thread process is kept to one core, the same for all.
With --results, lines are appended to that file: several short runs add up to one table, which --report only prints.
"""
import argparse
import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import network as net
import report

HERE = Path(__file__).resolve().parent
MODEL = net.ROOT / "models" / "sm_v2.int8.safetensors"
RUNS, WARM_UP = 300, 150
SLOW_RUNS, SLOW_WARM_UP = 60, 20  # of the smaller instruction sets
PACED_RUNS, RATE = 90, 30


@dataclass(frozen=True)
class Row:
    """Something to be timed. `limit`: the instruction set it is held to, as --cpu-mask calls it."""
    engine: str
    threads: int = 1
    limit: str | None = None

    @property
    def label(self):
        limit = f", up to {self.limit}" if self.limit else ""
        return self.engine.replace("-", ", ", 1).replace("-", " ") + limit


PEERS = ("openvino", "openvino-floats-in", "litert", "onnxruntime")
FLOATS = ("openvino-float", "litert-float", "onnxruntime-float")
# Peers take AMX where there is some, which is not always the faster choice for layers this small.
WITHOUT_AMX = "avx512-vnni"
LIMITED = ("openvino-floats-in", "litert", "onnxruntime")  # OpenVINO's byte input fails without AVX-512
ONEDNN_NAMES = {"avx512-vnni": "AVX512_CORE_VNNI", "avx-vnni": "AVX2_VNNI", "avx2": "AVX2"}


def has_amx():
    return "amx_int8" in Path("/proc/cpuinfo").read_text().split()


def comparisons(parts, networks):
    """(title, network, rate, rows): the first row of each is ours and the others are compared with it."""
    for network in networks:
        for threads in (1, 2):
            if "warm" in parts and threads <= os.cpu_count():
                floats = FLOATS if threads == 1 else ()
                limited = [Row(engine, threads, WITHOUT_AMX) for engine in PEERS] if has_amx() else []
                rows = [Row(engine, threads) for engine in ("tarsier", *PEERS, *floats)]
                yield ("back to back", network, None, rows + limited)
    for threads in (1, 2):
        if "paced" in parts and threads <= os.cpu_count():
            peers = (*PEERS, *(["onnxruntime-no-spinning"] if threads > 1 else []))
            yield (f"{RATE} frames a second", "sm_v2", RATE, [Row(engine, threads) for engine in ("tarsier", *peers)])
    for network in networks:
        if "masks" in parts and platform.machine() == "x86_64":
            for mask in ("avx-vnni", "avx2"):
                yield (f"up to {mask}", network, None, [Row(engine, 1, mask) for engine in ("tarsier", *LIMITED)])
            floats = [Row(engine, 1, "avx2") for engine in FLOATS]
            yield ("sse4.1 against float", network, None, [Row("tarsier", 1, "sse4.1"), *floats])


def limited(row, folder):
    """Environment variables that hold a peer to an instruction set; None where nothing can. See cpuid_limit.c."""
    library = Path(folder) / "cpuid_limit.so"
    variables = {"ONEDNN_MAX_CPU_ISA": ONEDNN_NAMES[row.limit]} if row.engine.startswith("openvino") else {}
    if library.exists():
        variables |= {"LD_PRELOAD": str(library.resolve()), "CPUID_LIMIT": row.limit}
    return variables or None


def run(row, network, rate, program, folder):
    """One turn: a dictionary with min, p50, cpu_ms, version, or `missing` with the reason."""
    runs, warm_up = (RUNS, WARM_UP) if row.limit in (None, WITHOUT_AMX) else (SLOW_RUNS, SLOW_WARM_UP)
    counts = ["--threads", str(row.threads), "--runs", str(PACED_RUNS if rate else runs), "--warm-up", str(warm_up)]
    counts += ["--rate", str(rate)] if rate else []
    environment = dict(os.environ, TF_CPP_MIN_LOG_LEVEL="3", PYTHONWARNINGS="ignore")
    if row.engine == "tarsier":
        subject = ["--model", MODEL] if network == "sm_v2" else ["--network", network]
        mask = ["--cpu-mask", row.limit] if row.limit else []
        command = [program, "bench", "--json", *subject, *counts, *mask]
    else:
        command = [sys.executable, HERE / "worker.py", folder, row.engine, network, *counts]
        if row.limit:
            variables = limited(row, folder)
            if variables is None:
                return {"missing": f"cannot be held to {row.limit} on this machine"}
            environment |= variables
    cores = sorted(os.sched_getaffinity(0))[-row.threads:]
    try:
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, env=environment,
                              timeout=300, preexec_fn=lambda: os.sched_setaffinity(0, cores))
    except subprocess.TimeoutExpired:
        return {"missing": "took more than five minutes"}
    lines = done.stdout.strip().splitlines()
    if done.returncode != 0 or not lines:
        return {"missing": (done.stderr.strip().splitlines() or ["no word"])[-1]}
    result = json.loads(lines[-1])
    if row.engine == "tarsier":
        result = {**result, **result.pop("latency_ms"), "version": result["isa"]}
    return {key: result[key] for key in ("min", "p50", "cpu_ms", "version", "rss_bytes")}


def peak(program):
    """GMAC/s of the best dot-product loop on one thread, now."""
    command = [program, "bench", "--json", "--per-layer", "--runs", "20", "--model", str(MODEL)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"bench-peers: {program} does not run; make build")
    return json.loads(done.stdout).get("peak_gmacs_per_s", 0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("folder")
    parser.add_argument("--networks", nargs="+", choices=net.NETWORKS, default=net.USUAL)
    parser.add_argument("--parts", nargs="+", choices=("warm", "paced", "masks"), default=("warm", "paced", "masks"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--results", help="append to this file and report all that is in it")
    parser.add_argument("--report", action="store_true", help="measure nothing")
    options = parser.parse_args()
    path = Path(options.results or Path(options.folder) / "results.jsonl")
    if not options.results and not options.report:
        path.unlink(missing_ok=True)
    plan = [] if options.report else list(comparisons(options.parts, options.networks))
    with open(path, "a") as file:
        def keep(entry):
            file.write(json.dumps({"when": time.time(), **entry}) + "\n")
            file.flush()

        for turn in range(options.rounds if plan else 0):
            keep({"peak": peak(options.program)})
            for title, network, rate, rows in plan:
                for row in rows:
                    result = run(row, network, rate, options.program, options.folder)
                    keep({"title": title, "network": network, "threads": row.threads, "label": row.label,
                          "engine": row.engine, **result})
                    figure = result.get("missing") or f"min {result['min']:.3f} median {result['p50']:.3f} ms"
                    place = f"{turn + 1}/{options.rounds} {network} {title}, {row.threads} thread(s)"
                    print(f"{place}: {row.label}: {figure}", file=sys.stderr, flush=True)
    print(report.markdown([json.loads(line) for line in path.read_text().splitlines()]))


if __name__ == "__main__":
    main()

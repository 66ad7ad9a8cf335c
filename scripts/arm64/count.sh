#!/usr/bin/env bash
# Instructions of one inference on one thread, as the guest executes them, and the cycles that llvm-mca estimates.
#
#   scripts/arm64/count.sh CPU PROGRAM [bench options...]      for example: cortex-a76 tarsier --network mobilenet_v2
#
# Exact and the same on every run: the emulator counts inside the engine's entry, of one inference after one that does
# not count. The cycles are blocks executed times the steady state of each in llvm-mca; every access is a hit of the
# first-level cache. For comparing, not for promising milliseconds. Prints: CPU instructions cycles.
set -euo pipefail
. "$(dirname "$0")/common.sh"
cpu=$(cpu_of "$1") program=$2
shift 2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
entry='$s6Engine7SessionC3run7threadsySi_tF'
plugin=file=$cache/libicount.so,func=$entry,out=$scratch/counts,blocks=$scratch/blocks,top=${TOP:-15},mnem=40
setarch -R qemu-aarch64 -L "$(sysroot bookworm)" -cpu "$cpu" -E SWIFT_DETERMINISTIC_HASHING=1 -plugin "$plugin" \
    "$program" bench --threads 1 --runs 1 --warm-up 0 "$@" >"$scratch/output"
read -r _ _ _ _ calls _ minimum _ <<<"$(grep 'icount: roi' "$scratch/counts")"
[[ -z ${VERBOSE:-} ]] || cat "$scratch/output" "$scratch/counts" >&2
"$here/estimate-cycles.py" --cpu "$cpu" --calls "$calls" --top "${TOP:-0}" "$scratch/blocks" >"$scratch/cycles"
[[ -z ${VERBOSE:-} ]] || cat "$scratch/cycles" >&2
echo "$cpu $minimum $(awk '/^cycles/ { print $2 }' "$scratch/cycles")"

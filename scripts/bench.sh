#!/usr/bin/env bash
# Tables of speed on this machine: the default model, the steps it consists of, every step of the kernel ladder, one
# thread and two, and the float reference.
#   bench.sh PROGRAM
set -euo pipefail
cd "$(dirname "$0")/.."
program=$1
sed -n 's/^model name[^:]*: /machine   /p' /proc/cpuinfo | head -1
echo "date      $(date -u +%F)"
echo
"$program" bench --threads 1 --runs 2000 --per-layer
echo
if [[ $(nproc) -gt 1 ]]; then
    "$program" bench --threads 2 --runs 2000
    echo
fi
for mask in scalar sse4.1 avx2 avx-vnni avx512-vnni amx-int8 neon dotprod; do
    # A step this CPU lacks would be benched as the one below it: leave it out.
    if [[ $mask != scalar ]] && ! "$program" inspect cpu --json | grep -q "\"$mask\""; then continue; fi
    runs=200
    [[ $mask == scalar ]] && runs=3
    echo "mask $mask: $("$program" bench --cpu-mask "$mask" --runs $runs | sed -n 2p)"
done
echo
"$program" bench --float --runs 5 | head -2

#!/usr/bin/env bash
# fuzz-import.sh [COUNT] [SEED] [KIND...]: damaged files through the importers, built for release; 100,000 of each kind when
# left out. KIND is onnx, qdq, pt or safetensors; all of them when left out. Any crash, and a file that takes more memory
# than the importer allows itself for its size, ends it with an error.
set -euo pipefail
cd "$(dirname "$0")/.."
count=${1:-100000} seed=${2:-1}
shift $(($# < 2 ? $# : 2))
(($#)) || set -- onnx qdq pt safetensors
"${SWIFT:-swift}" build -c release -j "$(nproc)" --scratch-path .build-fuzz --product tarsier-import-fuzz 2>&1 |
    grep -E 'error|warning: unre' || true
program=.build-fuzz/release/tarsier-import-fuzz
[[ -x $program ]] || { echo "fuzz-import: the program was not built" >&2; exit 1; }
files=Tests/ImportTests/Fixtures
for kind; do
    case $kind in
    onnx) seeds=("$files"/{probe,mobile-17,shuffle-20,dense-12-unfolded}.onnx) ;;
    qdq) seeds=("$files"/{probe-qdq,shuffle-qdq-s8}.onnx) ;;
    pt) seeds=("$files"/probe{,-wrapped,-views}.pt) ;;
    safetensors) seeds=("$files"/probe{,-bfloat16}.safetensors) ;;
    *) echo "fuzz-import: $kind is no kind of file" >&2; exit 64 ;;
    esac
    printf '%s: ' "$kind"
    "$program" "$count" "$seed" "${seeds[@]}"
done

#!/usr/bin/env bash
# check-networks.sh ONNX-FOLDER PHOTOS [PROGRAM]: import, quantize, classify, evaluate, bench and inspect on every network
# that bench/networks/export.py wrote. PHOTOS holds calib/ and test/, each with CLASS/*.jpg and no more classes than the
# networks have; 48 photos of calib calibrate. Minutes; stops at the first failure.
set -euo pipefail
cd "$(dirname "$0")/.."
[[ $# -ge 2 ]] || { sed -n 2,4p "$0" >&2; exit 64; }
networks=$1 photos=$2 program=${3:-.build/release/tarsier}
[[ -x $program ]] || { echo "check-networks: $program is not here; make build" >&2; exit 66; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/calib" "$folder/test"
for class in "$photos"/calib/*/; do
    name=$(basename "$class")
    echo "$name" >> "$folder/labels"
    mkdir "$folder/test/$name"
    find "$class" -name '*.jpg' | sort | head -2 | while read -r photo; do cp "$photo" "$folder/calib/"; done
    find "$photos/test/$name" -name '*.jpg' | sort | head -1 | while read -r photo; do cp "$photo" "$folder/test/$name/"; done
done
printf '%-24s %-22s %-22s %-10s %s\n' network "quantized, dB" "agreement" "ms" steps
for file in "$networks"/*.onnx; do
    name=$(basename "$file" .onnx)
    "$program" import "$file" --output "$folder/f" --labels "$folder/labels" > "$folder/import"
    "$program" quantize --json --method percentile --calib "$folder/calib" --weights "$folder/f" --output "$folder/q" > "$folder/quantize"
    photo=$(find "$folder/test" -name '*.jpg' | sort | head -1)
    "$program" classify --json --model "$folder/q" "$photo" > "$folder/classify"
    "$program" evaluate --json --model "$folder/q" --against "$folder/f" "$folder/test" > "$folder/evaluate"
    "$program" bench --json --runs 20 --warm-up 3 --model "$folder/q" > "$folder/bench"
    "$program" inspect model "$folder/q" > "$folder/model"
    "$program" inspect plan "$folder/q" --svg "$folder/plan.svg" > "$folder/plan" 2> "$folder/talk"
    grep -q '</svg>' "$folder/plan.svg"
    python3 - "$name" "$folder" <<'PYTHON'
import json, sys
name, folder = sys.argv[1:]
quantized, evaluated, benched = (json.load(open(f"{folder}/{f}")) for f in ("quantize", "evaluate", "bench"))
print(f"{name:24} {quantized['output_sqnr_db']:<22.1f} {evaluated['against']['agreement']:<22.3f} "
      f"{benched['latency_ms']['p50']:<10.2f} {open(f'{folder}/plan').readline().split()[1]}")
PYTHON
done

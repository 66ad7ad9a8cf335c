#!/usr/bin/env bash
# A camera's frame to the network's input, in turns with OpenCV from PyPI in a virtual environment of its own.
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
mapfile -t flags < <(scripts/release-flags.sh | tr ' ' '\n')
for product in tarsier-imaging tarsier-samples; do
    "$swift" build -c release -j "$(nproc)" --product "$product" "${flags[@]}" >/dev/null
done
venv=.build-imaging/venv
if [[ ! -x $venv/bin/python ]] || ! "$venv/bin/python" -c 'import cv2' 2>/dev/null; then
    echo "== fetching OpenCV into $venv"
    mkdir -p .build-imaging
    python3 -m venv "$venv"
    "$venv/bin/pip" install -q -r bench/imaging/requirements.txt
fi
frames=.build-imaging/frames
mkdir -p "$frames"
.build/release/tarsier-samples "$frames"
"$venv/bin/python" bench/imaging/compare.py .build/release/tarsier-imaging "$frames" "${@:-5}"

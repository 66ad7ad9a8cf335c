#!/usr/bin/env bash
# The daemon at its own speed on a stand-in camera of 30 frames a second: see bench/camera/measure.py.
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
mapfile -t flags < <(scripts/release-flags.sh | tr ' ' '\n')
"$swift" build -c release -j "$(nproc)" --product tarsier-samples "${flags[@]}" >/dev/null
frames=.build-imaging/frames
mkdir -p "$frames"
.build/release/tarsier-samples "$frames"
cc -std=gnu17 -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -fPIC -shared -o .build-imaging/standin.so Tests/camera/standin.c
exec python3 bench/camera/measure.py .build/release/tarsier .build-imaging/standin.so "$frames" "$@"

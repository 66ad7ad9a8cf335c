#!/usr/bin/env bash
# fuzz-jpeg.sh [COUNT]: damaged JPEGs through the daemon's decoder, built with the address and undefined behaviour
# sanitizers; 10,000 when left out. Any report of theirs ends it with an error.
set -euo pipefail
cd "$(dirname "$0")/.."
flags=(--scratch-path .build-fuzz --product tarsier-jpeg-fuzz --sanitize address
    -Xcc -fsanitize=undefined -Xcc -fno-sanitize-recover=undefined)
"${SWIFT:-swift}" build -j "$(nproc)" "${flags[@]}" 2>&1 | grep -E 'error|warning: unre' || true
program=.build-fuzz/debug/tarsier-jpeg-fuzz
[[ -x $program ]] || { echo "fuzz-jpeg: the program was not built" >&2; exit 1; }
# Memory that libjpeg keeps between pictures is not a leak, but all must be gone at the end: leaks are reported.
ASAN_OPTIONS=halt_on_error=1:detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 "$program" "${1:-10000}"

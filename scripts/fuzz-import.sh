#!/usr/bin/env bash
# fuzz-import.sh [COUNT] [SEED]: damaged ONNX files through the importer, built for release; 100,000 when
# left out. Any crash, and more memory than the importer allows itself, ends it with an error.
set -euo pipefail
cd "$(dirname "$0")/.."
"${SWIFT:-swift}" build -c release -j "$(nproc)" --scratch-path .build-fuzz --product tarsier-import-fuzz 2>&1 |
    grep -E 'error|warning: unre' || true
program=.build-fuzz/release/tarsier-import-fuzz
[[ -x $program ]] || { echo "fuzz-import: the program was not built" >&2; exit 1; }
"$program" "${1:-100000}" "${2:-1}" Tests/ImportTests/Fixtures/*.onnx

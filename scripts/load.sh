#!/usr/bin/env bash
# The socket's promises at full length: minutes. Shorter versions of each are in the tests.
#   load.sh FOLDER-OF-PROGRAMS [SECONDS] [ROUNDS] [INPUTS]
set -euo pipefail
cd "$(dirname "$0")/.."
programs=$1 seconds=${2:-60} rounds=${3:-200} inputs=${4:-5000000}
load=$programs/tarsier-load daemon=(--program "$programs/tarsier")
sed -n 's/^model name[^:]*: /machine  /p' /proc/cpuinfo | head -1
echo "date     $(date -u +%F), $(nproc) CPUs"
failed=0
run() {
    echo "== $*"
    "$load" "$@" || failed=1
}
run fan-out "${daemon[@]}" --clients 500 --rate 30 --seconds "$seconds" --p99-ms 5
run fan-out "${daemon[@]}" --clients 500 --rate 30 --seconds "$seconds" --hostile 50
run kill "${daemon[@]}" --rounds "$rounds"
run fuzz --inputs "$inputs"
exit "$failed"

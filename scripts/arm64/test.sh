#!/usr/bin/env bash
# Every Swift test, built for arm64, run as an emulated CPU: `swift test` on a Raspberry Pi, without one.
#
#   scripts/arm64/test.sh [--built] CPU... [-- options of Swift Testing]      CPUs: pi3 pi4 pi5 max, or as qemu calls them
#
# The tests drive the debug build of the daemon, and helper programs such as jq run as this machine's own.
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$repository"
if [[ ${1:-} == --built ]]; then
    shift
else
    "$here/build.sh" trixie --build-tests
fi
products=.build-arm64-trixie/$triple/debug
cpus=()
while (($#)) && [[ $1 != -- ]]; do
    cpus+=("$1")
    shift
done
(($# == 0)) || shift
export TARSIER_PROGRAM=$repository/$products/tarsier
passed=0 failed=0
for cpu in "${cpus[@]}"; do
    cpu=$(cpu_of "$cpu")
    say "Swift tests as $cpu"
    log=$(mktemp)
    status=0
    TARSIER_EMULATED_CPU=$cpu "$here/run.sh" -c "$cpu" "$PWD/$(echo $products/*PackageTests.xctest)" \
        --testing-library swift-testing --no-parallel "$@" 2>&1 |
        grep --line-buffered -vE 'Test case passing' | tee "$log" || status=${PIPESTATUS[0]}
    tests=$(grep -oE 'Test run with [0-9]+ test' "$log" | grep -oE '[0-9]+' | tail -1)
    failures=$(grep -cE '✘ Test .* failed after' "$log" || true)
    rm -f "$log"
    [[ -n $tests ]] || tests=1 failures=1
    if [[ $status != 0 && $failures == 0 ]]; then failures=1; fi
    passed=$((passed + tests - failures))
    failed=$((failed + failures))
done
echo "$passed passed, $failed failed"
[[ $failed == 0 ]]

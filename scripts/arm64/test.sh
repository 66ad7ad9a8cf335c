#!/usr/bin/env bash
# Every Swift test, built for arm64, run as an emulated CPU: `swift test` on a Raspberry Pi, without one.
#
#   scripts/arm64/test.sh [--built] CPU... [-- options of Swift Testing]      CPUs: pi3 pi4 pi5 max, or as qemu calls them
#
# The tests are optimised, or they would take an hour; they drive the daemon that ships, which scripts/build-arm64.sh
# built, and helper programs such as jq run as this machine's own. As many CPUs at a time as this machine has cores; a
# line says which one it is of.
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$repository"
if [[ ${1:-} == --built ]]; then
    shift
else
    "$here/build.sh" trixie -c release -Xswiftc -enable-testing --build-tests
    "$repository/scripts/build-arm64.sh"
fi
products=.build-arm64-trixie/$triple/release
cpus=()
while (($#)) && [[ $1 != -- ]]; do
    cpus+=("$(cpu_of "$1")")
    shift
done
(($# == 0)) || shift
export TARSIER_PROGRAM=$repository/.build-arm64-bookworm/$triple/release/tarsier
ulimit -c 0 # tests whose children are meant to die
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

# run CPU OPTION...: the log and the exit status, as files
run() {
    local cpu=$1 status=0 begin=$SECONDS
    shift
    TARSIER_EMULATED_CPU=$cpu "$here/run.sh" -c "$cpu" "$PWD/$(echo $products/*PackageTests.xctest)" \
        --testing-library swift-testing --no-parallel "$@" 2>&1 |
        sed -u 's/\x1b\[[0-9;]*m//g' | # colours
        grep --line-buffered -vE 'Test case passing' | tee "$logs/$cpu" | sed -u "s/^/$cpu: /" || status=${PIPESTATUS[0]}
    echo "$status" >"$logs/$cpu.status"
    say "$cpu: $((SECONDS - begin)) s"
}
for cpu in "${cpus[@]}"; do
    while (($(jobs -rp | wc -l) >= $(nproc))); do wait -n; done
    say "Swift tests as $cpu"
    run "$cpu" "$@" &
done
wait

passed=0 failed=0
for cpu in "${cpus[@]}"; do
    tests=$(grep -oE 'Test run with [0-9]+ test' "$logs/$cpu" | grep -oE '[0-9]+' | tail -1 || true)
    failures=$(grep -E '✘ Test .* failed after' "$logs/$cpu" | grep -vc 'Test run with' || true)
    [[ -n $tests ]] || tests=1 failures=1
    if [[ $(cat "$logs/$cpu.status") != 0 && $failures == 0 ]]; then failures=1; fi
    passed=$((passed + tests - failures))
    failed=$((failed + failures))
done
echo "$passed passed, $failed failed"
[[ $failed == 0 ]]

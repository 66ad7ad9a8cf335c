#!/usr/bin/env bash
# The whole package as a Raspberry Pi runs it, without one: built for arm64 here, and run as emulated CPUs.
#
#   kernels   every C kernel against the scalar, as Cortex-A53, A72, A76 and newer
#   tests     all Swift tests as a Cortex-A72 (Raspberry Pi 4) and an A76 (5); those of kernels and engine, with the
#             committed logits of the shipped model, as a Cortex-A53 (3) and as everything the emulator knows (i8mm)
#   root      the one binary classifies in an arm64 root folder as each of them
#   budgets   instructions and estimated cycles of an inference
#
# The photos are left to the tests on this machine: an emulated network takes half a second a photo.
set -uo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh arm || exit
passed=0 failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# step NAME COMMAND...: counts as one test, or as many as its last line says.
step() {
    local name=$1 status line
    shift
    echo "== $name"
    "$@" 2>&1 | tee "$log"
    status=${PIPESTATUS[0]}
    line=$(grep -oE '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -1)
    [[ -n $line ]] || line=$([[ $status == 0 ]] && echo "1 passed, 0 failed" || echo "0 passed, 1 failed")
    passed=$((passed + $(cut -d' ' -f1 <<<"$line")))
    failed=$((failed + $(cut -d' ' -f3 <<<"$line")))
    [[ $status == 0 || ${line#*, } != "0 failed" ]] || failed=$((failed + 1))
}
kernels() { scripts/check-arm-kernels.sh | tee /dev/stderr | tail -1 | grep -q 'equal the scalar'; }
step "C kernels" kernels
step "building the daemon for arm64" scripts/build-arm64.sh
step "building the tests for arm64" scripts/arm64/build.sh trixie -c release -Xswiftc -enable-testing --build-tests
step "all tests as a Raspberry Pi 4 and 5" scripts/arm64/test.sh --built pi4 pi5
step "kernels and engine as a Raspberry Pi 3 and with i8mm" \
    scripts/arm64/test.sh --built pi3 max -- --filter 'KernelTests|EngineTests'
step "the daemon in an arm64 root" \
    scripts/arm64/check-root.sh .build-arm64-bookworm/aarch64-unknown-linux-gnu/release/tarsier pi3 pi4 pi5 max
step "instructions and cycles of an inference" scripts/arm64/check-budgets.sh
echo
echo "$passed passed, $failed failed"
[[ $failed == 0 ]]

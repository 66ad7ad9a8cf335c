#!/usr/bin/env bash
# sanitize.sh [address|thread]...: every test under the address and undefined behaviour sanitizers, and under the thread
# sanitizer. The tests that start the program start one built the same way. Any report is a failure.
set -uo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
kinds=("$@")
((${#kinds[@]})) || kinds=(address thread)
status=0
for kind in "${kinds[@]}"; do
    scratch=.build-$kind
    flags=(--scratch-path "$scratch" --sanitize "$kind" -j "$(nproc)")
    if [[ $kind == address ]]; then
        flags+=(-Xcc -fsanitize=undefined -Xcc -fno-sanitize-recover=undefined)
    fi
    echo "== $kind sanitizer: building"
    "$swift" build "${flags[@]}" --build-tests 2>&1 | grep -E 'error:' && { status=1; continue; }
    echo "== $kind sanitizer: testing"
    # Memory of libraries that is kept until the end is no leak of ours; slow clients are slower still.
    ASAN_OPTIONS=halt_on_error=1:detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 \
        TSAN_OPTIONS="halt_on_error=0 exitcode=66" \
        TARSIER_PROGRAM=$PWD/$scratch/debug/tarsier TARSIER_IS_SANITIZED=1 \
        "$swift" test "${flags[@]}" --skip-build --no-parallel 2>&1 |
        grep --line-buffered -vE 'Test case passing|^\[[0-9]+/[0-9]+\]' | tee "$scratch/log" | grep -E '✘|Test run|ERROR|WARNING: Thread|SUMMARY'
    [[ ${PIPESTATUS[0]} == 0 ]] || status=1
    reports=$(grep -cE 'ERROR: AddressSanitizer|runtime error:|WARNING: ThreadSanitizer' "$scratch/log")
    echo "== $kind sanitizer: $reports reports; $(grep -oE 'Test run with.*' "$scratch/log" | tail -1)"
    [[ $reports == 0 ]] || status=1
done
exit $status

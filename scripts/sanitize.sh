#!/usr/bin/env bash
# sanitize.sh [address|thread]...: every test under the address and undefined behaviour sanitizers, and under the thread
# sanitizer, of optimised builds. The tests that start the program start one built the same way, whose reports count too. Any
# report is a failure.
#   FILTER=REGEX   only the tests that match
set -uo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
kinds=("$@")
((${#kinds[@]})) || kinds=(address thread)
status=0
for kind in "${kinds[@]}"; do
    scratch=$PWD/.build-$kind
    flags=(-c release --scratch-path "$scratch" --sanitize "$kind" -j "${BUILD_JOBS:-$(nproc)}" -Xswiftc -enable-testing)
    if [[ $kind == address ]]; then
        flags+=(-Xcc -fsanitize=undefined -Xcc -fno-sanitize-recover=undefined)
    fi
    mkdir -p "$scratch"
    echo "== $kind sanitizer: building"
    if ! "$swift" build "${flags[@]}" --build-tests >"$scratch/build.log" 2>&1; then
        grep -E 'error:' "$scratch/build.log" || tail -5 "$scratch/build.log"
        status=1
        continue
    fi
    echo "== $kind sanitizer: testing"
    reports=$scratch/reports
    rm -rf "$reports"
    mkdir -p "$reports"
    # Reports go to files, a process each: nobody reads what a daemon under test prints. Tests want to see a SIGSEGV as one;
    # memory that libraries keep until the end is no leak of ours.
    options="log_path=$reports/report handle_segv=0"
    ASAN_OPTIONS="$options detect_leaks=0" UBSAN_OPTIONS="$options print_stacktrace=1" \
        TSAN_OPTIONS="$options exitcode=66 suppressions=$PWD/Tests/thread-sanitizer.txt" \
        TARSIER_PROGRAM=$scratch/release/tarsier TARSIER_IS_SANITIZED=1 \
        "$swift" test "${flags[@]}" --skip-build --no-parallel ${FILTER:+--filter "$FILTER"} 2>&1 |
        grep --line-buffered -vE 'Test case passing|^\[[0-9]+/[0-9]+\]' | tee "$scratch/log" | grep -E '✘|Test run|ERROR|SUMMARY'
    [[ ${PIPESTATUS[0]} == 0 ]] || status=1
    count=$(cat "$reports"/* 2>/dev/null | grep -cE 'ERROR: AddressSanitizer|runtime error:|WARNING: ThreadSanitizer')
    echo "== $kind sanitizer: $count reports; $(grep -oE 'Test run with.*' "$scratch/log" | tail -1)"
    if [[ $count != 0 ]]; then
        cat "$reports"/* | grep -E 'SUMMARY|runtime error:' | sort | uniq -c | sort -rn | head -20
        status=1
    fi
done
exit $status

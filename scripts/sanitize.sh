#!/usr/bin/env bash
# sanitize.sh [kernels|address|thread]...: the kernels alone, then every test, under the address and undefined behaviour
# sanitizers, and every test under the thread sanitizer, of optimised builds. The tests that start the program start one
# built the same way, whose reports count too. Any report is a failure.
#   FILTER=REGEX            only the tests that match
#   CONFIGURATION=debug     builds in less time, tests in more
set -uo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
kinds=("$@")
((${#kinds[@]})) || kinds=(kernels address thread)
configuration=${CONFIGURATION:-release}
status=0
for kind in "${kinds[@]}"; do
    if [[ $kind == kernels ]]; then
        scripts/check-arm-kernels.sh --sanitized || status=1
        continue
    fi
    scratch=$PWD/.build-$kind
    flags=(-c "$configuration" --scratch-path "$scratch" --sanitize "$kind" -j "${BUILD_JOBS:-$(nproc)}")
    [[ $configuration == debug ]] || flags+=(-Xswiftc -enable-testing)
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
    preload=
    if [[ $kind == thread ]]; then
        "$(dirname "$(readlink -f "$(command -v "$swift")")")/clang" -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -fPIC -shared \
            -o "$scratch/mutex_order.so" Tests/sanitize/mutex_order.c || exit
        preload=$scratch/mutex_order.so
    fi
    ASAN_OPTIONS="$options detect_leaks=0" UBSAN_OPTIONS="$options print_stacktrace=1" \
        TSAN_OPTIONS="$options exitcode=66 suppressions=$PWD/Tests/sanitize/thread.txt" \
        TARSIER_PROGRAM=$scratch/$configuration/tarsier TARSIER_IS_SANITIZED=1 \
        env ${preload:+LD_PRELOAD="$preload"} "$scratch/$configuration/tarsierPackageTests.xctest" --testing-library swift-testing \
        --no-parallel ${FILTER:+--filter "$FILTER"} 2>&1 |
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

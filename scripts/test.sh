#!/usr/bin/env bash
# Every test there is; says what it does while it does it. Closes with `N passed, N failed`.
set -uo pipefail
cd "$(dirname "$0")/.."
passed=0
failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# step NAME COMMAND...: runs a command that counts as one test, or as many as its own closing line says.
step() {
    local name=$1
    shift
    echo "== $name"
    "$@" 2>&1 | tee "$log"
    local status=${PIPESTATUS[0]} line
    line=$(grep -oE '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -1)
    if [[ -n $line ]]; then
        passed=$((passed + $(cut -d' ' -f1 <<<"$line")))
        failed=$((failed + $(cut -d' ' -f3 <<<"$line")))
        [[ $status -eq 0 || ${line#*, } != "0 failed" ]] || failed=$((failed + 1))
    elif [[ $status -eq 0 ]]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
}

swift_tests() {
    # Progress lines of parameterised cases are left out: there are thousands.
    swift test -j "$(nproc)" --no-parallel 2>&1 | grep --line-buffered -vE 'Test case passing|^\[[0-9]+/[0-9]+\]' | tee "$log.swift"
    local status=${PIPESTATUS[0]}
    # "Test run with N tests in M suites passed|failed after S seconds with K issues."
    local tests failures
    tests=$(grep -oE 'Test run with [0-9]+ test' "$log.swift" | grep -oE '[0-9]+' | tail -1)
    failures=$(grep -E '✘ Test .* failed after' "$log.swift" | grep -vc 'Test run with')
    rm -f "$log.swift"
    [[ -n $tests ]] || { echo "0 passed, 1 failed"; return 1; }
    if [[ $status -ne 0 && $failures -eq 0 ]]; then failures=1; fi
    echo "$((tests - (failures > tests ? tests : failures))) passed, $failures failed"
    return "$status"
}

step "formatting" scripts/check-format.sh
step "unit tests, and the release build as a user drives it" swift_tests
# With Debian's Python, whose packages setup.sh installs.
step "page for browsers, over HTTP" /usr/bin/python3 Tests/web/check_http.py
step "page for browsers, in a browser" /usr/bin/python3 Tests/web/check_page.py
step "live view in a terminal" /usr/bin/python3 Tests/web/check_watch.py
step "units of systemd" scripts/check-units.sh
step "Debian package" scripts/make-deb.sh .build/release/tarsier
step "what is in the package" scripts/check-deb.sh .build/deb/tarsier_*_"$(dpkg --print-architecture)".deb
step "ARM kernels under an emulator" scripts/check-arm-kernels.sh

echo
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]

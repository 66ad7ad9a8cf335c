#!/usr/bin/env bash
# The units: known keys only, and an exposure of at most 1.0 of 10 for the daemon, 2.0 for the bridge and the page, which need the network. Closes with
# `N passed, N failed`.
set -uo pipefail
cd "$(dirname "$0")/.."
passed=0 failed=0
verdict() { if [[ $1 -eq 0 ]]; then passed=$((passed + 1)) && echo "ok   $2"; else failed=$((failed + 1)) && echo "FAIL $2"; fi; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# What they start need not be installed here.
for unit in systemd/*.service systemd/*.socket examples/systemd/*.service; do
    sed -E 's#/usr/(bin|lib/tarsier)/tarsier[^ ]*#/bin/true#' "$unit" >"$work/$(basename "$unit")"
done
complaints=$(systemd-analyze verify --man=no "$work"/*.service "$work"/*.socket 2>&1)
[[ -z $complaints ]]
verdict $? "systemd-analyze verify${complaints:+: $complaints}"

# exposure UNIT TENTHS
exposure() {
    local line
    line=$(systemd-analyze security --offline=true --threshold="$2" "systemd/$1" 2>&1)
    verdict $? "$1: $(tail -1 <<<"$line" | sed 's/^→ //')"
}
exposure tarsier.service 10
exposure tarsier-mqtt-bridge.service 20
exposure tarsier-web.service 20

echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]

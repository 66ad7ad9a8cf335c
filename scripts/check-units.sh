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

# The score hardly sees what is listed: a device more, a folder that can be written, an address that is allowed. What the threat model
# promises is asked for by value; a key that is not there is "-", one that is there twice has its values joined.
# holds UNIT KEY VALUE
holds() {
    local value
    value=$(sed -nE "s/^$2=(.*)/\1/p" "systemd/$1" | paste -sd' ')
    grep -qE "^$2=" "systemd/$1" || value=-
    [[ $value == "$3" ]]
    verdict $? "$1: $2=$3$([[ $value == "$3" ]] || echo ", and is $value")"
}
for unit in tarsier.service tarsier-mqtt-bridge.service tarsier-web.service; do
    holds $unit DynamicUser yes
    holds $unit UMask 0077
    holds $unit CapabilityBoundingSet ""
    holds $unit NoNewPrivileges yes
    holds $unit ProtectSystem strict
    holds $unit ProtectHome yes
    holds $unit PrivateTmp yes
    for key in ReadWritePaths BindPaths BindReadOnlyPaths RootDirectory ExecStartPre PermissionsStartOnly User SystemCallLog LoadCredential; do
        case $unit:$key in
        tarsier.service:User) holds $unit $key tarsier-daemon ;;
        *) holds $unit $key - ;;
        esac
    done
done
holds tarsier.service AmbientCapabilities ""
holds tarsier.service DevicePolicy closed
holds tarsier.service DeviceAllow "char-81 rw"
holds tarsier.service SupplementaryGroups video
holds tarsier.service StateDirectory tarsier
holds tarsier.service StateDirectoryMode 0700
holds tarsier.service PrivateNetwork yes
holds tarsier.service IPAddressDeny any
holds tarsier.service IPAddressAllow -
holds tarsier.service RestrictAddressFamilies AF_UNIX
holds tarsier.service SystemCallFilter "@system-service ~@privileged"
holds tarsier.service InaccessiblePaths "-/dev/shm -/run/dbus -/run/systemd/resolve -/run/avahi-daemon"
holds tarsier.socket SocketMode 0660
holds tarsier.socket SocketGroup tarsier
for unit in tarsier-mqtt-bridge.service tarsier-web.service; do
    holds $unit PrivateDevices yes
    holds $unit DeviceAllow -
    holds $unit SupplementaryGroups tarsier
    holds $unit RestrictAddressFamilies "AF_UNIX AF_INET AF_INET6"
    holds $unit SystemCallFilter "@system-service ~@privileged @resources setpriority"
done
holds tarsier-web.service StateDirectory -
holds tarsier-mqtt-bridge.service StateDirectory tarsier-mqtt-bridge

echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]

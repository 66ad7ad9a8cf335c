#!/usr/bin/env bash
# Builds the C kernels for arm64 and compares every one with the scalar, bit for bit, on emulated CPUs: as the Cortex-A53
# and A72 (Raspberry Pi 3 and 4: no dot product), as the A76 (Pi 5: dot product) and as everything the emulator knows.
# With --host, first on this machine as it is; with --sanitized, on this machine alone, under the address and undefined
# behaviour sanitizers. Other arguments go to the checker (--seed N, --cases N).
#
# Needs a clang with the AArch64 backend: the Swift toolchain's own, or $CLANG.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '%s check-arm-kernels: %s\n' "$(date +%T)" "$*"; }

host=false sanitized=false
case ${1:-} in
--host) host=true && shift ;;
--sanitized) sanitized=true && shift ;;
esac

install_missing() {
    command -v qemu-aarch64 >/dev/null && [[ -e /usr/aarch64-linux-gnu/lib/libc.a ]] &&
        compgen -G '/usr/lib/gcc-cross/aarch64-linux-gnu/*/crtbeginT.o' >/dev/null && return
    if [[ -x scripts/setup.sh ]]; then
        scripts/setup.sh arm-kernels
        return
    fi
    local sudo=()
    [[ $(id -u) == 0 ]] || sudo=(sudo)
    say "installing qemu-user and the arm64 C library"
    "${sudo[@]}" apt-get -qq update
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \
        qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross >/dev/null
}

find_clang() {
    local swift
    if [[ -n ${CLANG:-} ]]; then
        echo "$CLANG"
    elif swift=$(command -v swift) && [[ -x $(dirname "$(readlink -f "$swift")")/clang ]]; then
        echo "$(dirname "$(readlink -f "$swift")")/clang"
    else
        command -v clang || { say "no clang found: install Swift or set CLANG" >&2; exit 2; }
    fi
}

# build OUTPUT FLAGS...: all kernels and the checker, one object each, two at a time
build() {
    local program=$1 objects=$work/$(basename "$1").objects
    shift
    mkdir -p "$objects"
    local compile=("$clang" "$@" -std=c17 -O2 -D_GNU_SOURCE -Wall -Wextra -Werror -ffp-contract=off
        -ISources/CKernels/include)
    find Sources/CKernels Tests/arm -name '*.c' -print0 |
        xargs -0 -P 2 -I {} sh -c 'source=$1 object=$2/$(printf %s "$1" | tr / _).o; shift 2
            exec "$@" -c "$source" -o "$object"' sh {} "$objects" "${compile[@]}"
    "$clang" "$@" -fuse-ld=lld "$objects"/*.o -lm -o "$program"
}

clang=$(find_clang)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if $host; then
    say "building for this machine"
    build "$work/check-host"
    "$work/check-host" "$@"
fi

if $sanitized; then
    say "building for this machine with sanitizers"
    build "$work/check-sanitized" -fsanitize=address,undefined -fno-sanitize-recover=all -g
    "$work/check-sanitized" "$@"
    exit
fi

install_missing
say "building for arm64 with $("$clang" --version | head -n 1)"
build "$work/check-arm64" --target=aarch64-linux-gnu -static
for target in cortex-a53:neon cortex-a72:neon cortex-a76:dotprod max:i8mm; do
    say "as ${target%:*}, which must run ${target#*:}"
    qemu-aarch64 -cpu "${target%:*}" "$work/check-arm64" --require "${target#*:}" "$@"
done
say "all kernels equal the scalar"

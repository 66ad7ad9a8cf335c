#!/bin/sh
# Installs what a fresh Debian machine with Swift lacks for building and testing Tarsier. Instant when nothing is missing.
#
#   scripts/setup.sh        to build and run
#   scripts/setup.sh arm    what builds and tests all of it for arm64 on another machine: 2.5 GB in ~/.cache/tarsier/arm64
#   scripts/setup.sh arm-kernels   only what tests the C kernels as ARM CPUs
#   scripts/setup.sh deb    what makes and checks Debian packages
#   scripts/setup.sh test   the same, and what else the tests use
#   scripts/setup.sh vm     what `make test-vm` builds its virtual machine from, and runs it with
set -eu

missing=""
# need PACKAGE FILE...: the package is wanted unless one of the files exists.
need() {
    package=$1
    shift
    for file in "$@"; do
        [ -e "$file" ] && return 0
    done
    missing="$missing $package"
}
# need_command PACKAGE COMMAND
need_command() {
    command -v "$2" >/dev/null 2>&1 || missing="$missing $1"
}

triplet=$(uname -m)-linux-gnu
need libv4l-dev /usr/include/libv4l2.h /usr/local/include/libv4l2.h
need libjpeg-dev /usr/include/jpeglib.h /usr/include/"$triplet"/jpeglib.h /usr/local/include/jpeglib.h
need_command make make

need_arm() {
    need_command qemu-user qemu-aarch64
    if [ "$(uname -m)" != aarch64 ]; then
        need_command gcc-aarch64-linux-gnu aarch64-linux-gnu-gcc
        need libc6-dev-arm64-cross /usr/aarch64-linux-gnu/include/stdio.h
    fi
}

need_deb() {
    need_command dpkg-dev dpkg-buildpackage
    need_command debhelper dh
    need_command lintian lintian
    need_command mandoc mandoc
    need_command jq jq
    need_command binutils objcopy
}

# What builds the whole package for arm64 on another machine (scripts/arm64).
need_arm_swift() {
    need_arm
    need_command qemu-user-static qemu-aarch64-static
    need_command mmdebstrap mmdebstrap
    need debian-archive-keyring /usr/share/keyrings/debian-archive-keyring.gpg
    need_command gcc gcc
    need_command python3 python3
    need llvm-19 /usr/lib/llvm-19/bin/llvm-mca
}

need_vm() {
    need_command qemu-system-x86 qemu-system-x86_64
    need_command mmdebstrap mmdebstrap
    need_command busybox-static busybox
    need_command kmod modprobe
    need_command e2fsprogs mke2fs
    need_command cpio cpio
    need_command xz-utils xz
    need_command zstd zstd
    need_command python3 python3
    need_command jq jq
    need_command gcc cc
    need libc6-dev /usr/include/stdio.h
}

need_test() {
    need_arm
    need_deb
    need_command systemd systemd-analyze
    need_command socat socat
    need_command jq jq
    need_command python3 python3
    need_command nodejs node
    need_command mosquitto-clients mosquitto_pub
    need mosquitto /usr/sbin/mosquitto /usr/local/sbin/mosquitto /usr/bin/mosquitto
    need_command clang-format clang-format
    need_command chromium chromium
    need python3-prometheus-client /usr/lib/python3/dist-packages/prometheus_client/openmetrics/parser.py
}

case "${1:-}" in
"") ;;
arm)
    need_arm_swift
    need_test
    ;;
deb) need_deb ;;
vm) need_vm ;;
test) need_test ;;
arm-kernels) need_arm ;;
*)
    echo "setup: unknown argument '$1'; usage: scripts/setup.sh [arm|arm-kernels|deb|test|vm]" >&2
    exit 64
    ;;
esac

if ! command -v swift >/dev/null 2>&1; then
    echo "setup: no Swift here; install Swift 6.2 or later from https://www.swift.org/install/linux" >&2
    exit 69
fi
# What is not packaged: compilers and libraries in a cache of our own.
finish() {
    if [ "${1:-}" = arm ]; then "$(dirname "$0")/arm64/setup.sh"; fi
    exit 0
}
[ -n "$missing" ] || finish "$@"

if ! command -v apt-get >/dev/null 2>&1; then
    echo "setup: please install with this system's package manager:$missing (names as on Debian)" >&2
    exit 69
fi
as_root=""
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "setup: needs root; run as root: apt-get install$missing" >&2
        exit 77
    fi
    as_root=sudo
fi
echo "setup: installing$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# The package lists of a fresh image may be missing or stale: fetch them only when the first try fails.
# shellcheck disable=SC2086 # the list is words on purpose
install() { $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing; }
if ! install >"$log" 2>&1; then
    echo "setup: fetching package lists"
    if ! { $as_root apt-get update -q && install; } >"$log" 2>&1; then
        cat "$log" >&2
        echo "setup: apt-get could not install$missing; see above" >&2
        exit 69
    fi
fi
echo "setup: done"
finish "$@"

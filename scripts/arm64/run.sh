#!/usr/bin/env bash
# Runs an arm64 program as an emulated CPU.
#
#   scripts/arm64/run.sh [-c pi3|pi4|pi5|max|CPU] [-s trixie|bookworm] PROGRAM [ARGUMENTS...]
#
# Programs that it starts run too, arm64 ones as the same CPU, where the kernel lets a namespace register the emulator
# (Linux 6.7 and later).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cpu=pi4 suite=trixie
while getopts c:s: option; do
    case $option in
    c) cpu=$OPTARG ;;
    s) suite=$OPTARG ;;
    *) exit 64 ;;
    esac
done
shift $((OPTIND - 1))
emulator=$(command -v qemu-aarch64)
QEMU_CPU=$(cpu_of "$cpu")
QEMU_LD_PREFIX=$(sysroot "$suite")
export QEMU_CPU QEMU_LD_PREFIX emulator
export LD_LIBRARY_PATH=/usr/lib/swift/linux

# A user namespace has its own list of binary formats; F: the emulator is opened now, wherever its path leads later.
# shellcheck disable=SC2016
register='
    mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc # the list lasts as long as this is mounted
    printf "%s" ":tarsier-arm64:M::\\x7fELF\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\xb7\\x00:\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff:$emulator:F" >/proc/sys/fs/binfmt_misc/register
    exec "$@"
'
if [[ $(id -u) != 0 ]]; then
    exec unshare --user --map-root-user --mount bash -c "set -eu; $register" bash "$@"
fi
# Root keeps every user of the system in the new namespace: once this process is in it, a helper outside says so.
(
    until [[ $(readlink "/proc/$$/ns/user") != "$(readlink /proc/self/ns/user)" ]]; do sleep 0.01; done
    echo 0 0 4294967295 >"/proc/$$/gid_map"
    echo 0 0 4294967295 >"/proc/$$/uid_map"
) &
exec unshare --user --mount bash -c "set -eu
    until read -r _ </proc/self/uid_map; do sleep 0.01; done
    $register" bash "$@"

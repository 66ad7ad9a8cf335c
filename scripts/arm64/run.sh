#!/usr/bin/env bash
# Runs an arm64 program as an emulated CPU.
#
#   scripts/arm64/run.sh [-c CPU] [-s trixie|bookworm] [-r ROOT] PROGRAM [ARGUMENTS...]
#
#   -c CPU   pi3 (Cortex-A53), pi4 (A72, the default), pi5 (A76), max (everything the emulator knows), or its own names
#   -s       whose libraries it finds
#   -r ROOT  in a root folder of its own, where nothing else is seen
#
# Programs that it starts run too, arm64 ones as the same CPU: a namespace of our own registers the emulator, which the
# kernel allows since Linux 6.7.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cpu=pi4 suite=trixie root=
while getopts c:s:r: option; do
    case $option in
    c) cpu=$OPTARG ;;
    s) suite=$OPTARG ;;
    r) root=$OPTARG ;;
    *) exit 64 ;;
    esac
done
shift $((OPTIND - 1))
emulator=$(command -v qemu-aarch64-static) # static: the root folder has none of its libraries
QEMU_CPU=$(cpu_of "$cpu")
export QEMU_CPU emulator root
if [[ -z $root ]]; then
    QEMU_LD_PREFIX=$(sysroot "$suite")
    LD_LIBRARY_PATH=/usr/lib/swift/linux
    export QEMU_LD_PREFIX LD_LIBRARY_PATH
fi

# F: the emulator is opened now, wherever its path leads later. The list lasts as long as it is mounted.
# shellcheck disable=SC2016
inside='
    mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
    magic="\\x7fELF\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\xb7\\x00"
    mask="\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff"
    printf "%s" ":tarsier-arm64:M::$magic:$mask:$emulator:F" >/proc/sys/fs/binfmt_misc/register
    if [ -n "$root" ]; then
        mount --rbind /proc "$root/proc"
        mount --rbind /dev "$root/dev"
        exec chroot "$root" "$@"
    fi
    exec "$@"
'
if [[ $(id -u) != 0 ]]; then
    exec unshare --user --map-root-user --mount bash -c "set -eu; $inside" bash "$@"
fi
# Root keeps every user of the system in the new namespace: once this process is in it, a helper outside says so.
(
    until [[ $(readlink "/proc/$$/ns/user") != "$(readlink /proc/self/ns/user)" ]]; do sleep 0.01; done
    echo 0 0 4294967295 >"/proc/$$/gid_map"
    echo 0 0 4294967295 >"/proc/$$/uid_map"
) &
exec unshare --user --mount bash -c "set -eu
    until read -r _ </proc/self/uid_map; do sleep 0.01; done
    $inside" bash "$@"

# Sourced by the scripts here: where things live, and which emulated CPU stands for which board.
# shellcheck shell=bash disable=SC2034
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../.." && pwd)
# Everything downloaded or built once. Safe to delete, and to keep between runs of CI: 2.5 GB.
home=~ # also where no environment says so
cache=${TARSIER_ARM64_CACHE:-${XDG_CACHE_HOME:-$home/.cache}/tarsier/arm64}
compiler_root=$cache/compiler-root # Debian sid, amd64: a Swift compiler that runs natively
sdks=$cache/sdks                   # Swift SDK bundles: an arm64 sysroot with Swift's libraries and modules
triple=aarch64-unknown-linux-gnu

say() { printf '%s arm64: %s\n' "$(date +%T)" "$*" >&2; }

sysroot() { printf '%s\n' "$sdks/debian-arm64-$1.artifactbundle/aarch64/sysroot"; }

# Namespaces of our own: nothing stays mounted, several builds may run at once, and root is not needed where users may
# make user namespaces.
enter=(unshare --mount --pid --fork --kill-child)
[[ $(id -u) == 0 ]] || enter+=(--user --map-root-user)

# BOARD or CPU: the CPU as qemu calls it.
cpu_of() {
    case $1 in
    pi3) echo cortex-a53 ;;
    pi4) echo cortex-a72 ;; # ARMv8.0: no dot product
    pi5) echo cortex-a76 ;; # ARMv8.2: dot product
    *) echo "$1" ;;
    esac
}

#!/usr/bin/env bash
# swift build of this package for arm64 Linux, at native speed.
#
#   scripts/arm64/build.sh trixie|bookworm [swift build options...]
#
# Which Debian's C library to link against; for bookworm give --static-swift-stdlib, since Swift's shared libraries need
# a later one. The result is in .build-arm64-SUITE/aarch64-unknown-linux-gnu/{debug,release}.
set -euo pipefail
. "$(dirname "$0")/common.sh"
suite=${1:?trixie or bookworm}
shift
[[ -e $(sysroot "$suite")/.done ]] || "$repository/scripts/setup.sh" arm

# Where git takes packages from, on a machine that keeps mirrors of them, and the names of hosts.
root=$compiler_root
git config --get-regexp '^url\..*\.insteadof$' 2>/dev/null |
    sed -E 's/^url\.(.*)\.insteadof (.*)$/[url "\1"]\n\tinsteadOf = \2/' >"$root/etc/gitconfig.new" || true
printf '[safe]\n\tdirectory = *\n' >>"$root/etc/gitconfig.new"
mv "$root/etc/gitconfig.new" "$root/etc/gitconfig"
cp -L /etc/resolv.conf /etc/hosts "$root/etc/" 2>/dev/null || true
mirrors=$(sed -nE 's/^\[url "(\/.*)"\]$/\1/p' "$root/etc/gitconfig" | sort -u)

export root sdks repository mirrors
exec "${enter[@]}" bash -c '
    set -euo pipefail
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    while IFS= read -r folder; do
        [[ -d $folder ]] || continue
        mkdir -p "$root$folder"
        mount --bind "$folder" "$root$folder"
    done <<<"$mirrors
$sdks
$repository"
    exec chroot "$root" /usr/bin/env -i HOME=/root LANG=C.UTF-8 PATH=/usr/libexec/swift/bin:/usr/bin:/bin \
        sh -c "cd \"\$1\"; shift; exec \"\$@\"" sh "$repository" "$@"
' bash swift build -j "${JOBS:-$(nproc)}" --swift-sdks-path "$sdks" --swift-sdk "debian-arm64-$suite" \
    --scratch-path ".build-arm64-$suite" "$@"

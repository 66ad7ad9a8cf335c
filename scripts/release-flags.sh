#!/usr/bin/env bash
# Prints flags for `swift build -c release` that make the daemon smaller in memory, as far as this machine has what they
# need: the Swift runtime linked in, by lld, with packed relocations (at rest 24 instead of 28 MiB resident, 2026-11-21). The C++ library
# that the runtime uses is linked in, too, so that a package depends on nothing but the C library, libjpeg and libv4l.
set -euo pipefail
swift=$(readlink -f "$(command -v "${SWIFT:-swift}")")
home=$(dirname "$(dirname "$swift")")
flags=()
if [[ -e $home/lib/swift_static/linux/libswiftCore.a ]]; then
    flags+=(--static-swift-stdlib)
    archive=$(cc -print-file-name=libstdc++.a 2>/dev/null || true)
    if [[ -e $archive ]]; then
        # The runtime asks for -lstdc++: found first, in a folder of its own, is the archive.
        static=$(cd "$(dirname "$0")/.." && pwd)/.build/static-libraries
        mkdir -p "$static"
        ln -sf "$archive" "$static/libstdc++.a"
        flags+=(-Xswiftc -L"$static" -Xswiftc -Xclang-linker -Xswiftc -static-libgcc)
    fi
    if [[ -x $home/bin/ld.lld ]]; then
        # Tables of addresses that nobody can write to once it runs.
        flags+=(-Xswiftc -Xclang-linker -Xswiftc -fuse-ld=lld -Xlinker -z -Xlinker now)
        # The C library must know them: 2.36, Debian 12.
        version=$(getconf GNU_LIBC_VERSION 2>/dev/null | awk '{ print $2 }')
        if [[ $(printf '2.36\n%s\n' "${version:-0}" | sort -V | head -1) == 2.36 ]]; then
            flags+=(-Xlinker -z -Xlinker pack-relative-relocs)
        fi
    fi
fi
echo "${flags[@]}"

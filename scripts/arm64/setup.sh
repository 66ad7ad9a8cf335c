#!/usr/bin/env bash
# Makes the cache from which the whole package is built for arm64 on an amd64 machine and run under an emulator:
# Debian sid's Swift compiler in a folder, and two Swift SDKs with the arm64 C library of Debian 13 (for tests) and of
# Debian 12 (for what ships: it runs on Raspberry Pi OS 12 and 13). Finished steps are skipped. 3 to 5 minutes and 1.3 GB
# of downloads once. Called by scripts/setup.sh arm, which installs the programs that this needs.
set -euo pipefail
. "$(dirname "$0")/common.sh"

mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9

mode=root
[[ $(id -u) == 0 ]] || mode=unshare

# bootstrap SUITE ARCHITECTURE VARIANT FOLDER PACKAGES [OPTION...]
bootstrap() {
    local suite=$1 architecture=$2 variant=$3 target=$4 packages=$5
    shift 5
    rm -rf "$target" "$target.part"
    # A mirror of sid may be behind its own expiry date.
    mmdebstrap --quiet --mode=$mode --variant="$variant" --architectures="$architecture" \
        --aptopt='Acquire::Retries "3"' --aptopt='Acquire::Check-Valid-Until "false"' \
        --aptopt='APT::Install-Recommends "false"' --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
        --include="$packages" "$@" "$suite" "$target.part" "$mirror" 2> >(grep -v 'skipping mounting' >&2)
    mv "$target.part" "$target"
}

# download FOLDER PACKAGE...: arm64 packages of sid, signatures checked, this system's own packages left alone
download() {
    local folder=$1 state
    shift
    mkdir -p "$folder"
    state=$(mktemp -d)
    mkdir -p "$state"/{lists/partial,archives/partial,etc}
    printf 'deb [arch=arm64 signed-by=%s] %s sid main\n' "$keyring" "$mirror" >"$state/etc/list"
    : >"$state/status"
    (
        cd "$folder"
        apt=(apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::State="$state"
            -o Dir::State::status="$state/status" -o Dir::Cache="$state" -o Dir::Etc::sourcelist="$state/etc/list"
            -o Dir::Etc::sourceparts=- -o Acquire::Check-Valid-Until=false -o Acquire::Retries=3
            -o APT::Sandbox::User="$(id -un)")
        "${apt[@]}" update
        "${apt[@]}" download "$@"
    )
    rm -rf "$state"
}

compiler() {
    [[ -d $compiler_root ]] && return
    say "Debian sid's Swift compiler"
    local swift=/usr/libexec/swift
    bootstrap sid amd64 minbase "$compiler_root" swiftlang,git,libc6-dev,libstdc++-15-dev,ca-certificates \
        --dpkgopt="path-exclude=$swift/lib/swift/embedded/*" --dpkgopt="path-exclude=$swift/lib/swift_static/*" \
        --dpkgopt="path-exclude=$swift/bin/lldb*" --dpkgopt="path-exclude=$swift/lib/liblldb*" \
        --dpkgopt="path-exclude=$swift/bin/sourcekit*" --dpkgopt="path-exclude=$swift/lib/libsourcekit*" \
        --dpkgopt="path-exclude=$swift/bin/clangd" --dpkgopt="path-exclude=$swift/bin/docc"
}

# The arm64 packages of Swift, unpacked once for both SDKs.
swift_libraries() {
    [[ -e $cache/swift-arm64/.done ]] && return
    say "Swift's arm64 libraries and modules"
    local debs=$cache/debs version got
    rm -rf "$debs" "$cache/swift-arm64"
    download "$debs" swiftlang libswiftlang
    version=$(dpkg-query --admindir="$compiler_root/var/lib/dpkg" -W -f '${Version}' swiftlang)
    got=$(dpkg-deb -f "$(echo "$debs"/swiftlang_*_arm64.deb)" Version)
    # Modules load only in the compiler that wrote them.
    if [[ ${got%-*} != "${version%-*}" ]]; then
        say "sid has Swift $version for amd64 but $got for arm64: try again when both agree"
        exit 69
    fi
    mkdir -p "$cache/swift-arm64"
    dpkg-deb --fsys-tarfile "$(echo "$debs"/swiftlang_*_arm64.deb)" | tar -x -C "$cache/swift-arm64" \
        --exclude='*/embedded/*' --exclude='*/swift/host/*' --exclude='*/FrameworkABIBaseline/*' \
        ./usr/libexec/swift/lib/swift ./usr/libexec/swift/lib/swift_static
    dpkg-deb --fsys-tarfile "$(echo "$debs"/libswiftlang_*_arm64.deb)" | tar -x -C "$cache/swift-arm64" \
        --exclude='*/swift/host/*' ./usr/libexec/swift/lib/swift/linux
    # Debian ships the interface of the Testing and Foundation overlay but not its library: a file that imports both
    # would not link.
    rm -rf "$cache"/swift-arm64/usr/libexec/swift/lib/swift/linux/{Testing.swiftcrossimport,_Testing_Foundation.swiftmodule}
    rm -rf "$debs"
    printf '%s\n' "${version%-*}" >"$cache/swift-arm64/.done"
}

# Links that leave the sysroot (Debian 12's libm.so) would be looked up on this machine.
relative_links() {
    local root=$1 link
    find "$root/usr/lib" -type l -lname '/*' -print0 | while IFS= read -r -d '' link; do
        ln -sfn "$(realpath -ms --relative-to="$(dirname "$link")" "$root$(readlink "$link")")" "$link"
    done
}

sdk() {
    local suite=$1 gcc=$2 root clang
    root=$(sysroot "$suite")
    [[ -e $root/.done ]] && return
    say "Swift SDK with the arm64 C library of Debian $suite"
    rm -rf "${root%/aarch64/sysroot}"
    mkdir -p "${root%/sysroot}"
    bootstrap "$suite" arm64 extract "$root" \
        "libc6-dev,libgcc-$gcc-dev,libstdc++-$gcc-dev,zlib1g-dev,libv4l-dev,libjpeg62-turbo-dev"
    if [[ -d $root/lib && ! -L $root/lib ]]; then # packages of Debian 12 still hold /lib/...
        cp -a "$root/lib/." "$root/usr/lib/"
        rm -rf "$root/lib"
    fi
    [[ -e $root/lib ]] || ln -s usr/lib "$root/lib"
    relative_links "$root"
    cp -al "$cache"/swift-arm64/usr/libexec/swift/lib/{swift,swift_static} "$root/usr/lib/"
    clang=$(basename "$(readlink "$root/usr/lib/swift/clang")")
    mkdir -p "$root/usr/lib/clang/$clang"
    cp -a "$compiler_root/usr/libexec/swift/lib/clang/$clang/include" "$root/usr/lib/clang/$clang/"
    describe_sdk "$suite" "${root%/sysroot}" "$root"
    touch "$root/.done"
}

describe_sdk() {
    local suite=$1 folder=$2 root=$3 id=debian-arm64-$1 linker="" version
    version=$(cat "$cache/swift-arm64/.done")
    if [[ $suite == bookworm ]]; then # Swift's libraries were built with a later C library
        aarch64-linux-gnu-gcc -O2 -fPIC -c "$here/glibc236-compat.c" -o "$cache/compat.o"
        aarch64-linux-gnu-ar rcs "$root/usr/lib/aarch64-linux-gnu/libglibc236compat.a" "$cache/compat.o"
        linker=', "linker": { "extraCLIOptions": [ "-lglibc236compat" ] }'
    fi
    cat >"${folder%/aarch64}/info.json" <<J
{ "schemaVersion": "1.0",
  "artifacts": { "$id": { "type": "swiftSDK", "version": "$version", "variants": [ { "path": "aarch64" } ] } } }
J
    cat >"$folder/swift-sdk.json" <<J
{ "schemaVersion": "4.0",
  "targetTriples": { "$triple": {
    "sdkRootPath": "sysroot",
    "swiftResourcesPath": "sysroot/usr/lib/swift",
    "swiftStaticResourcesPath": "sysroot/usr/lib/swift_static",
    "toolsetPaths": [ "toolset.json" ] } } }
J
    cat >"$folder/toolset.json" <<J
{ "schemaVersion": "1.0",
  "swiftCompiler": { "extraCLIOptions": [ "-use-ld=lld" ] }$linker }
J
}

counter() {
    [[ $cache/libicount.so -nt $here/icount.c ]] && return
    gcc -O2 -Wall -fPIC -shared -fvisibility=hidden "$here/icount.c" -o "$cache/libicount.so"
}

compiler
swift_libraries
sdk trixie 14
sdk bookworm 12
counter

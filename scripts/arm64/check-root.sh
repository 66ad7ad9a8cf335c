#!/usr/bin/env bash
# Starts the daemon in an arm64 root folder of Debian 12, which holds nothing but the C library and what the program
# links, and reads classifications from its socket, on emulated CPUs.
#
#   scripts/arm64/check-root.sh PROGRAM|PACKAGE.deb CPU...
set -euo pipefail
. "$(dirname "$0")/common.sh"
given=$(realpath "$1")
shift
work=$(mktemp -d)
daemon=
cleanup() {
    [[ -z $daemon ]] || kill "$daemon" 2>/dev/null || true
    rm -rf --one-file-system "$work"
}
trap cleanup EXIT
root=$work/root
mkdir -p "$root"/{usr/bin,usr/lib,proc,dev,tmp,run}
ln -s usr/lib "$root/lib"
# The libraries and not the compiler's files; links, since nothing writes to them.
cp -alL "$(sysroot bookworm)/usr/lib/aarch64-linux-gnu" "$root/usr/lib/" 2>/dev/null ||
    cp -aL "$(sysroot bookworm)/usr/lib/aarch64-linux-gnu" "$root/usr/lib/"
cp -aL "$(sysroot bookworm)/usr/lib/ld-linux-aarch64.so.1" "$root/usr/lib/"
if [[ $given == *.deb ]]; then
    # Into usr/lib what a package still names lib.
    dpkg-deb --fsys-tarfile "$given" | tar -x --keep-directory-symlink -C "$root"
else
    cp "$given" "$root/usr/bin/tarsier"
    install -D -m644 -t "$root/usr/share/tarsier/models" "$repository"/models/*.int8.safetensors
fi
model=/usr/share/tarsier/models/sm_v2.int8.safetensors
for cpu; do
    inside=("$here/run.sh" -c "$cpu" -r "$root" /usr/bin/tarsier)
    "${inside[@]}" run --model "$model" --source scene: --rate 2 --socket "/run/$cpu.sock" 2>"$work/log" >&2 &
    daemon=$!
    # The client waits for the socket by itself.
    if ! timeout 120 "${inside[@]}" subscribe --socket "/run/$cpu.sock" --every --json \
        --count 3 >"$work/results" 2>"$work/client"; then
        cat "$work/log" "$work/client" "$work/results" >&2
        say "no classification as $cpu"
        exit 1
    fi
    grep -q '"label"' "$work/results" || { cat "$work/results" >&2; say "results name no label"; exit 1; }
    kill "$daemon"
    wait "$daemon" || { cat "$work/log" >&2; say "the daemon did not end well as $cpu"; exit 1; }
    daemon=
    say "the daemon classifies as $(cpu_of "$cpu"): $(grep -oE '"label": ?"[^"]*"' "$work/results" | tail -1)"
done

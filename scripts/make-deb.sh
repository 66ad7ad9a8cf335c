#!/usr/bin/env bash
# Makes Debian packages of programs that have been built, and says what is in them.
#   make-deb.sh PROGRAM [ARCHITECTURE] [FOLDER]
# PROGRAM, and tarsier-web beside it, was built for ARCHITECTURE (default: this machine's) with the Swift runtime linked in; the package goes to FOLDER (.build/deb). Manual and
# completions are what a program prints of itself: where PROGRAM cannot run here, TARSIER_HOST_PROGRAM must name one that can.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "$1")
page=$(dirname "$program")/tarsier-web
[[ -x $page ]] || { echo "make-deb: no tarsier-web beside $program; build it: make build" >&2; exit 66; }
architecture=${2:-$(dpkg --print-architecture)}
mkdir -p "${3:-.build/deb}"
folder=$(realpath "${3:-.build/deb}")
host=${TARSIER_HOST_PROGRAM:-$program}
"$host" --version >/dev/null || { echo "make-deb: $host does not run here; name one that does in TARSIER_HOST_PROGRAM" >&2; exit 66; }
# The same tree gives the same package.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH
version=$(sed -n 's/.*current = "\(.*\)".*/\1/p' Sources/Daemon/Version.swift)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source=$work/tarsier-$version
root=$source/root web=$source/root-web
install -d "$source"
cp -a packaging/debian "$source/debian"

# depends BINARY: what it links, as packages; anything else must not happen, so there is no guessing. And the C library that has every
# version asked for; packed relocations came with 2.36.
depends() {
    local library list= glibc
    for library in $(objdump -p "$1" | awk '$1 == "NEEDED" { print $2 }'); do
        case $library in
        libc.so.6 | libm.so.6 | ld-linux-*.so.*) ;;
        libjpeg.so.62) list+=", libjpeg62-turbo" ;;
        libv4l2.so.0) list+=", libv4l-0" ;;
        *) echo "make-deb: $1 links $library, which the package does not depend on; link it statically" >&2; return 65 ;;
        esac
    done
    glibc=$(objdump -p "$1" | grep -oE 'GLIBC_([0-9]+\.[0-9]+|ABI_DT_RELR)' | sed 's/GLIBC_ABI_DT_RELR/2.36/; s/GLIBC_//' | sort -uV | tail -1)
    echo "libc6 (>= $glibc)$list"
}
depends "$program" >"$source/depends"
depends "$page" >"$source/depends-web"

echo "== laying out the package for $architecture"
install -D -m755 "$program" "$root/usr/bin/tarsier"
install -D -m755 "$page" "$web/usr/bin/tarsier-web"
objcopy=objcopy
[[ $architecture == "$(dpkg --print-architecture)" ]] || objcopy=$(command -v llvm-objcopy || echo "aarch64-linux-gnu-objcopy")
for binary in "$root/usr/bin/tarsier" "$web/usr/bin/tarsier-web"; do "$objcopy" --strip-all --remove-section=.comment "$binary"; done
install -D -m644 -t "$root/usr/share/tarsier/models" models/*.safetensors
install -D -m755 -t "$root/usr/lib/tarsier" examples/mqtt/tarsier-mqtt-bridge

"$host" config example >"$work/tarsier.conf"
install -D -m644 -t "$root/etc/tarsier" "$work/tarsier.conf"
install -d "$root/etc/tarsier/tarsier.conf.d"

doc=$root/usr/share/doc/tarsier
install -D -m644 -t "$doc" README.md CHANGELOG.md docs/wire.md docs/wire.schema.json docs/smoothing.md docs/quantization.md docs/service.md docs/web.md
install -D -m644 models/README.md "$doc/models.md"
install -D -m644 -t "$doc/examples" "$work/tarsier.conf"
for example in shell/labels.sh python/tarsier.py node/tarsier.mjs systemd/on-presence systemd/tarsier-hook@.service home-assistant/tarsier-home-assistant node-exporter/tarsier-textfile prometheus/prometheus.yml prometheus/tarsier-alerts.yml prometheus/grafana-dashboard.json; do
    install -D -m644 -t "$doc/examples/$(dirname "$example")" "examples/$example"
done

install -D -m644 -t "$source/debian" systemd/tarsier.service systemd/tarsier.socket
install -D -m644 systemd/tarsier.sysusers "$root/usr/lib/sysusers.d/tarsier.conf"
install -m644 systemd/tarsier-mqtt-bridge.service "$source/debian/tarsier.tarsier-mqtt-bridge.service"
install -m644 systemd/tarsier-web.service "$source/debian/tarsier-web.service"

# Sourced or loaded, never run.
completion() { "$host" --generate-completion-script "$1" | sed '1{/^#!/d}' >"$work/$2"; install -D -m644 "$work/$2" "$root/$3"; }
completion bash tarsier.bash usr/share/bash-completion/completions/tarsier
completion zsh _tarsier usr/share/zsh/vendor-completions/_tarsier
completion fish tarsier.fish usr/share/fish/vendor_completions.d/tarsier.fish

scripts/make-man.sh "$host" "$work/man"
for manual in "$work"/man/*; do
    home=$root
    [[ $manual != */tarsier-web.8 ]] || home=$web
    install -D -m644 "$manual" "$home/usr/share/man/man${manual##*.}/$(basename "$manual")"
done

cat >"$source/debian/changelog" <<CHANGES
tarsier ($version-1) unstable; urgency=medium

  * What has changed is told in /usr/share/doc/tarsier/changelog.gz.

 -- Tarsier maintainers <maintainers@tarsier.example>  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
CHANGES

echo "== packing"
(cd "$source" && dpkg-buildpackage -b -us -uc -d -a"$architecture" >"$work/log" 2>&1) || { cat "$work/log" >&2; exit 70; }
for name in tarsier tarsier-web; do
    package=$folder/${name}_${version}-1_$architecture.deb
    mv "$work/$(basename "$package")" "$package"
    size=$(stat -c %s "$package")
    echo "$package: $((size / 1024)) KiB, installed $(dpkg-deb -f "$package" Installed-Size) KiB, depends on $(dpkg-deb -f "$package" Depends)"
    [[ $size -le $((25 * 1024 * 1024)) ]] || { echo "make-deb: above 25 MiB" >&2; exit 65; }
done

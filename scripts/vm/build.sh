#!/usr/bin/env bash
# Builds the guest that run.sh boots, from this machine's own Debian mirror and of its own release:
#   kernel      Debian's stock kernel, unpacked
#   initrd      busybox, the modules that reach the root disk, and guest/init
#   root.ext4   a small Debian with systemd, udev, v4l-utils, the modules of guest/modules.list and Tests/vm/board
# Does nothing while none of its inputs has changed. Takes half a minute of one core, and 150 MB of downloads.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

. /etc/os-release
[[ ${ID:-} == debian && -n ${VERSION_CODENAME:-} ]] || vm_die "the guest is made on Debian, from its own packages; this is ${PRETTY_NAME:-another system}"
[[ $(id -u) == 0 ]] || vm_die "needs root to make the root file system; run: sudo make test-vm"
[[ $(uname -m) == x86_64 ]] || vm_die "the guest is x86-64; this machine is $(uname -m)"

board=$vm_root/Tests/vm/board
inputs() { find "$vm_scripts/guest" "$board" "$vm_scripts/build.sh" "$vm_scripts/unpack-kernel.py" -type f -print0 | sort -z | xargs -0 cat; }
stamp=$({ echo "$VERSION_CODENAME"; inputs; } | sha256sum | cut -d' ' -f1)
if [[ -f $vm_image/stamp && $(cat "$vm_image/stamp") == "$stamp" ]]; then
    exit 0
fi
mkdir -p "$vm_image"
rm -f "$vm_image/stamp"
work=$(mktemp -d "$vm_cache/work.XXXXXX")
trap 'rm -rf "$work"' EXIT
step() { vm_say "[${SECONDS}s] $*"; }

# The mirror this machine installs from.
mirrors() { apt-get indextargets --format '$(SITE) $(CODENAME) $(ORIGIN) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
    awk -v want="$VERSION_CODENAME" '$2 == want && $3 == "Debian" && $4 == "main" { print $1; exit }'; }
mirror=$(mirrors)
if [[ -z $mirror ]]; then
    apt-get update -qq >&2 || vm_die "apt-get update failed"
    mirror=$(mirrors)
fi
[[ -n $mirror ]] || vm_die "apt knows no mirror of $VERSION_CODENAME main"

step "kernel"
package=$(apt-cache depends linux-image-amd64 | awk '/Depends: linux-image-/ { print $2; exit }')
[[ -n $package ]] || vm_die "apt knows no linux-image-amd64"
version=${package#linux-image-}
download() { (cd "$work" && apt-get -o APT::Sandbox::User=root download -qq "$package") >&2; }
download || { apt-get update -qq >&2 && download; } || vm_die "cannot download $package"
dpkg-deb -x "$work"/linux-image-*.deb "$work/kernel"
modules=$work/kernel/lib/modules/$version
[[ -d $modules ]] || modules=$work/kernel/usr/lib/modules/$version
python3 "$vm_scripts/unpack-kernel.py" "$work/kernel/boot/vmlinuz-$version" "$vm_image/kernel"

step "root file system"
# What the daemon needs, what the cases use, and systemd.
packages=systemd,systemd-sysv,dbus,udev,kmod,v4l-utils,libv4l-0,libjpeg62-turbo,libstdc++6,procps,psmisc,socat,jq,strace
mmdebstrap -q --variant=essential --include="$packages" --mode=root \
    --aptopt='Apt::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' \
    "$VERSION_CODENAME" "$work/root.tar" "deb $mirror $VERSION_CODENAME main" >&2 || vm_die "mmdebstrap failed"
root=$work/root
mkdir "$root"
tar -C "$root" -xf "$work/root.tar" --exclude=./dev --exclude=./var/cache/apt --exclude=./var/lib/apt/lists
mkdir -p "$root"/{dev,proc,sys,run,tmp}

step "modules"
# load_order MODULE...: the files that loading them takes, dependencies first, each once; unknown ones are named.
depmod -b "${modules%/lib/modules/*}" "$version"
load_order() {
    local name
    for name; do
        modprobe -d "${modules%/lib/modules/*}" -S "$version" --show-depends "$name" 2>/dev/null |
            awk '$1 == "insmod" { print $2 }' || vm_say "not in this kernel: $name"
    done | awk '!seen[$0]++'
}
# install_module FILE TARGET: uncompressed.
install_module() { case $1 in *.xz) xz -dc "$1" >"$2" ;; *) cp "$1" "$2" ;; esac; }
target=$root/lib/modules/$version
mkdir -p "$target/kernel"
cp "$modules"/modules.{builtin,builtin.modinfo,order} "$target/"
mapfile -t wanted < <(grep -vE '^(#|$)' "$vm_scripts/guest/modules.list")
while read -r file; do
    install_module "$file" "$target/kernel/$(basename "${file%.xz}")"
done < <(load_order "${wanted[@]}")
# The sensors of a board, built against the headers of the very kernel.
headers=/usr/src/linux-headers-$version
[[ -d $headers ]] || apt-get install -y --no-install-recommends "linux-headers-$version" >&2 ||
    vm_die "cannot install linux-headers-$version"
cp -r "$board" "$work/board"
make -s -C "$headers" M="$work/board" modules >"$vm_cache/board.log" 2>&1 ||
    vm_die "Tests/vm/board does not build: $vm_cache/board.log"
cp "$work/board/tarsier_board.ko" "$target/kernel/"
depmod -b "$root" "$version"

cp -r "$vm_scripts/guest/root/." "$root/"
chmod 755 "$root"/usr/local/sbin/vm-*
# systemd: a fixed identity, and no first-boot work or service that no case needs.
echo 0123456789abcdef0123456789abcdef >"$root/etc/machine-id"
echo tarsier-vm >"$root/etc/hostname"
: >"$root/etc/fstab"
touch "$root/etc/.updated" "$root/var/.updated"
for unit in getty.target getty@tty1.service serial-getty@ttyS0.service systemd-timesyncd.service apt-daily.timer \
    apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer \
    systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-random-seed.service \
    systemd-journal-flush.service systemd-hwdb-update.service systemd-machine-id-commit.service \
    systemd-pstore.service systemd-user-sessions.service systemd-logind.service systemd-ask-password-wall.path \
    systemd-ask-password-console.path systemd-fsck-root.service systemd-remount-fs.service \
    systemd-tmpfiles-clean.timer remote-fs.target modprobe@drm.service modprobe@configfs.service \
    modprobe@fuse.service modprobe@dm_mod.service modprobe@loop.service modprobe@efi_pstore.service \
    sys-kernel-config.mount sys-fs-fuse-connections.mount sys-kernel-tracing.mount dev-mqueue.mount \
    dev-hugepages.mount; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
ln -sf /usr/lib/systemd/system/vm.target "$root/etc/systemd/system/default.target"

step "images"
rm -f "$vm_image/root.ext4"
kibibytes=$(($(du -sk "$root" | cut -f1) * 12 / 10 + 131072))
mke2fs -q -t ext4 -O ^has_journal,^metadata_csum -E lazy_itable_init=1,nodiscard -m 0 -d "$root" \
    "$vm_image/root.ext4" "${kibibytes}k" >&2
initrd=$work/initrd
mkdir -p "$initrd"/{bin,modules,dev,proc,sys,root}
cp "$(command -v busybox)" "$initrd/bin/busybox"
install -m 755 "$vm_scripts/guest/init" "$initrd/init"
while read -r file; do
    name=$(basename "${file%.xz}")
    install_module "$file" "$initrd/modules/$name"
    echo "$name" >>"$initrd/modules/order"
done < <(load_order virtio_pci virtio_blk crc32c_generic ext4 virtio_console 9pnet_virtio 9p)
(cd "$initrd" && find . | cpio -o -H newc --quiet) >"$vm_image/initrd"
echo "$stamp" >"$vm_image/stamp"
step "done: kernel $version, $(du -sh --apparent-size "$vm_image" | cut -f1)"

#!/usr/bin/env bash
# run.sh [OPTIONS] COMMAND...: boots the guest, runs the shell text COMMAND in it as root, ends with its status.
#   --systemd             systemd is process 1 and COMMAND a service of it (else a shell script is, which is faster)
#   --share HOST:GUEST    a folder of this machine, read-only at GUEST; repeatable
#   --real-time           two CPUs and the host's clock, also where the guest is emulated. Without it an emulated guest has
#                         one CPU whose clock counts instructions and skips idle time: time-outs and frame rates
#                         hold on a busy machine, and waiting costs nothing
#   --time-out SECONDS    of this machine's clock, 900 when left out
#   --log DIR             console, kernel log, journal and times go there
# With KVM, where it works, there are always two CPUs and the host's clock; TARSIER_VM_ACCEL=kvm or tcg chooses.
# Status: COMMAND's own; 124 time-out; 125 no guest, or it died.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
init=plain seconds=900 log='' real='' shares=()
while [[ ${1:-} == --* ]]; do
    case $1 in
    --systemd) init=systemd ;;
    --real-time) real=1 ;;
    --share) shares+=("$2") && shift ;;
    --time-out) seconds=$2 && shift ;;
    --log) log=$2 && shift ;;
    *) vm_die "unknown option $1" ;;
    esac
    shift
done
[[ $# -gt 0 ]] || vm_die "no command"
[[ -f $vm_image/stamp ]] || vm_die "no guest yet; scripts/vm/build.sh makes it"

control=$(mktemp -d)
trap 'rm -rf "$control"' EXIT
trap 'exit 130' INT TERM
printf '%s\n' "$*" >"$control/command"
: >"$control/shares"
accelerator=$(vm_accelerator)
machine=(-M q35,usb=off,vmport=off -m 1536 -nodefaults -no-user-config -no-reboot -display none)
kernel="console=ttyS0 quiet loglevel=4 panic=-1 root=/dev/vda vm.init=$init random.trust_cpu=on mitigations=off audit=0"
kernel+=" net.ifnames=0 systemd.show_status=0 systemd.log_level=notice"
[[ $accelerator == kvm ]] || kernel+=" no_timer_check tsc=unstable"
if [[ $accelerator == kvm ]]; then
    # Without what some hosts cannot save and restore.
    machine+=(-accel kvm -cpu host,-arch-capabilities -smp 2)
elif [[ -n $real ]]; then
    machine+=(-cpu max -accel tcg,thread=multi -smp 2)
else
    # 4 ns an instruction: about the pace of a small board.
    machine+=(-cpu max -accel tcg,thread=single -smp 1 -icount shift=2,sleep=off -rtc clock=vm)
    # The clock also leaps while the guest waits for its disk.
    kernel+=" systemd.default_timeout_start_sec=1800 udev.event_timeout=1800"
fi
number=0
for share in "${shares[@]}"; do
    echo "share$number ${share#*:}" >>"$control/shares"
    machine+=(-fsdev "local,id=share$number,path=${share%%:*},security_model=none,multidevs=remap,readonly=on"
        -device "virtio-9p-pci,fsdev=share$number,mount_tag=share$number")
    number=$((number + 1))
done
mkfifo "$control/output"
cat "$control/output" &
reader=$!
begin=$(date +%s.%N)
status=0
timeout -k 5 "$seconds" qemu-system-x86_64 "${machine[@]}" \
    -kernel "$vm_image/kernel" -initrd "$vm_image/initrd" -append "$kernel" -serial "file:$control/console" \
    -drive "file=$vm_image/root.ext4,format=raw,if=none,id=root,snapshot=on,cache=unsafe" \
    -device virtio-blk-pci,drive=root -device virtio-rng-pci -device virtio-serial-pci \
    -chardev "file,id=output,path=$control/output" -device virtserialport,chardev=output,name=vm.output \
    -fsdev "local,id=control,path=$control,security_model=none" \
    -device virtio-9p-pci,fsdev=control,mount_tag=control \
    </dev/null >"$control/qemu" 2>&1 || status=$?
: <>"$control/output" # for a QEMU that never opened it
wait "$reader" || true
if [[ -n $log ]]; then
    mkdir -p "$log"
    awk -v from="$begin" -v to="$(date +%s.%N)" 'BEGIN { printf "%.1f s\n", to - from }' >"$log/wall"
    for file in console qemu dmesg journal; do cp "$control/$file" "$log/" 2>/dev/null || true; done
fi
if [[ $status == 124 || $status == 137 ]]; then
    vm_say "time-out after $seconds s; the console's end:"
    tail -n 20 "$control/console" >&2
    exit 124
fi
if [[ ! -f $control/status ]]; then
    vm_say "the guest reported nothing (QEMU ended with $status); the console's end:"
    tail -n 30 "$control/console" "$control/qemu" >&2 || true
    exit 125
fi
exit "$(cat "$control/status")"

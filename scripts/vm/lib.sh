# What the scripts of the virtual machine share; sourced, not run.
# shellcheck shell=bash
vm_scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
vm_root=$(dirname "$(dirname "$vm_scripts")")
# Image, programs for the guest and logs; outside version control.
vm_cache=${TARSIER_VM_CACHE:-$vm_root/.build-vm}
# shellcheck disable=SC2034 # used by those who source this
vm_image=$vm_cache/image

vm_die() {
    echo "vm: $*" >&2
    exit 125
}
vm_say() { echo "vm: $*" >&2; }

# vm_accelerator: kvm where it boots the guest, else tcg (emulation). A /dev/kvm need not mean much: in some virtual machines it
# is there and interprets the guest, far slower than emulation. So the guest is booted once, with little patience; what came of it
# is remembered until this machine boots again. TARSIER_VM_ACCEL decides without asking.
vm_accelerator() {
    local answer=$vm_cache/accelerator now
    if [[ -n ${TARSIER_VM_ACCEL:-} ]]; then
        echo "$TARSIER_VM_ACCEL"
        return
    fi
    now="$(cat /proc/sys/kernel/random/boot_id) $(cat "$vm_image/stamp")"
    if [[ ! -f $answer || $(sed 1d "$answer") != "$now" ]]; then
        local found=tcg
        # Without these instructions it can only be such a one.
        if [[ -r /dev/kvm && -w /dev/kvm ]] && grep -qwE 'vmx|svm' /proc/cpuinfo &&
            TARSIER_VM_ACCEL=kvm "$vm_scripts/run.sh" --time-out 90 true >/dev/null 2>&1; then
            found=kvm
        fi
        printf '%s\n%s\n' "$found" "$now" >"$answer"
    fi
    head -1 "$answer"
}

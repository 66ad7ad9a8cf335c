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

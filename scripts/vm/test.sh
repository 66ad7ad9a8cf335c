#!/usr/bin/env bash
# Runs the cases of Tests/vm/cases in a virtual machine and closes with `N passed, N failed`.
#
#   scripts/vm/test.sh [--programs DIR] [--with FILE]... [CASE...]
#
# A case is a shell script, run as root in the guest, and says ok or FAIL by the functions of Tests/vm/lib.sh. Comments at
# its head choose the guest:
#   # boot: plain|systemd       what process 1 is (plain when left out)
#   # clock: virtual|real       see run.sh (virtual when left out)
#   # time-out: SECONDS         of the guest's clock, 120 when left out
# Cases with the same boot and clock share one boot, in the order of their names. Guests find in /tarsier: bin/tarsier and
# its libraries, lib.sh, cases/, models/, frames/, and what --with named in extra/.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
programs=$vm_root/.build/release extra=() chosen=()
while [[ $# -gt 0 ]]; do
    case $1 in
    --programs) programs=$2 && shift ;;
    --with) extra+=("$2") && shift ;;
    -*) vm_die "unknown option $1" ;;
    *) chosen+=("$1") ;;
    esac
    shift
done
cases=$vm_root/Tests/vm/cases
if [[ ${#chosen[@]} -eq 0 ]]; then
    for file in "$cases"/*.sh; do chosen+=("$(basename "$file" .sh)"); done
fi
for name in "${chosen[@]}"; do [[ -f $cases/$name.sh ]] || vm_die "no case $name in Tests/vm/cases"; done
for program in tarsier tarsier-samples; do
    [[ -x $programs/$program ]] || vm_die "no $programs/$program; run: make test-vm"
done

"$vm_scripts/build.sh"

# --- what the guest is given
payload=$vm_cache/payload
rm -rf "$payload"
mkdir -p "$payload"/{bin,lib,models,frames,extra}
cp "$programs/tarsier" "$payload/bin/"
# Libraries that the guest has not: the Swift runtime, where it is not linked in.
ldd "$programs/tarsier" | awk '$3 ~ /swift/ { print $3 }' | xargs -r cp -Lt "$payload/lib"
cp "$vm_root"/Tests/vm/*lib.sh "$vm_scripts/run-cases" "$payload/"
cp -r "$cases" "$payload/cases"
cp "$vm_root"/models/*.int8.safetensors "$payload/models/"
"$programs/tarsier-samples" "$payload/frames"
cc -O2 -std=gnu17 -Wall -Wextra -Werror -D_GNU_SOURCE -o "$payload/bin/usbcamera" \
    "$vm_root"/Tests/vm/usbcamera/*.c -ljpeg
mv "$payload"/frames/*.safetensors "$payload/models/"
[[ ${#extra[@]} -eq 0 ]] || cp "${extra[@]}" "$payload/extra/"

# --- boots
# setting CASE NAME DEFAULT: a comment at the head of the case.
setting() { sed -nE "1,/^[^#]/s/^# $2: *//p" "$cases/$1.sh" | head -1 | grep . || echo "$3"; }
log=$vm_cache/log
rm -rf "$log"
mkdir -p "$log"
passed=0 failed=0
for boot in plain systemd; do
    for clock in virtual real; do
        group=() seconds=0
        for name in "${chosen[@]}"; do
            [[ $(setting "$name" boot plain) == "$boot" && $(setting "$name" clock virtual) == "$clock" ]] || continue
            limit=$(setting "$name" time-out 120)
            # A clock that skips idle time is cheap to wait by, and may leap.
            [[ $clock == real ]] || limit=$((limit * 5))
            group+=("$name:$limit")
            seconds=$((seconds + limit))
        done
        [[ ${#group[@]} -gt 0 ]] || continue
        options=(--share "$payload:/tarsier" --log "$log/$boot-$clock")
        [[ $boot == plain ]] || options+=(--systemd)
        [[ $clock == virtual ]] || options+=(--real-time)
        echo "== booting a $boot guest with a $clock clock for ${#group[@]} cases"
        mkdir -p "$log/$boot-$clock"
        # An emulated second takes several of a busy machine's.
        "$vm_scripts/run.sh" "${options[@]}" --time-out $((600 + 5 * seconds)) "sh /tarsier/run-cases ${group[*]}" |
            tee "$log/$boot-$clock/output" || true
        for entry in "${group[@]}"; do
            grep -q "^end ${entry%%:*}\$" "$log/$boot-$clock/output" && continue
            echo "FAIL ${entry%%:*}: the guest never came to its end"
            failed=$((failed + 1))
        done
        passed=$((passed + $(grep -c '^ok ' "$log/$boot-$clock/output" || true)))
        failed=$((failed + $(grep -c '^FAIL ' "$log/$boot-$clock/output" || true)))
        echo "   took $(cat "$log/$boot-$clock/wall")"
    done
done
echo
echo "$passed passed, $failed failed"
[[ $failed -eq 0 && $passed -gt 0 ]]

#!/usr/bin/env bash
# Holds the cost of one inference on one thread to Tests/arm/budgets.txt: guest instructions, which repeat to the last
# digit, and estimated cycles. More than 1 % above fails; more than 2 % below asks to write down what was won.
#
#   scripts/arm64/check-budgets.sh [--update] [PROGRAM]
set -euo pipefail
. "$(dirname "$0")/common.sh"
update=false
if [[ ${1:-} == --update ]]; then
    update=true
    shift
fi
program=${1:-$repository/.build-arm64-bookworm/$triple/release/tarsier}
budgets=$repository/Tests/arm/budgets.txt
measured=$(mktemp)
trap 'rm -f "$measured"' EXIT
grep '^#' "$budgets" >"$measured"
status=0 lines=0
while read -r cpu network instructions cycles; do
    subject=(--network "$network")
    [[ $network != sm_v2 ]] || subject=(--model "$repository/models/sm_v2.int8.safetensors")
    read -r _ got_instructions got_cycles <<<"$("$here/count.sh" "$cpu" "$program" "${subject[@]}")"
    lines=$((lines + 1))
    printf '%s %s %s %s\n' "$cpu" "$network" "$got_instructions" "$got_cycles" >>"$measured"
    verdict=ok
    if ((got_instructions * 100 > instructions * 101 || got_cycles * 100 > cycles * 101)); then
        verdict="MORE THAN THE BUDGET of $instructions and $cycles"
        status=1
    elif ((got_instructions * 100 < instructions * 98 || got_cycles * 100 < cycles * 98)); then
        verdict="less than the budget: --update keeps it"
    fi
    say "$cpu $network: $got_instructions instructions, $got_cycles estimated cycles: $verdict"
done < <(grep -v '^#' "$budgets")
((lines > 0)) || { say "no budgets in $budgets"; exit 1; }
if $update; then
    cp "$measured" "$budgets"
    status=0
fi
exit $status

# boot: systemd
# clock: real
# time-out: 300
# SIGHUP: another model between two frames, a broken one never.
. /tarsier/lib.sh
. /tarsier/service-lib.sh
# Every frame counts here, also one that shows nothing new.
begin_service "rate = max" "threads = 1" "motion = off"
first=$(property MainPID)
listen_as tarsier /tmp/case/member
check "results come" until_true 60 has_results_in /tmp/case/member 10
before=$(tarsier status --json | jq -r .model.sha256)

other=/var/lib/tarsier-models/other.safetensors
# Another label at the same place: another digest, the same arithmetic.
label=$(tarsier inspect model --json $tiny | jq -r '.labels[0]')
renamed=$(echo "$label" | sed 's/.$/_/')
sed "s/\\\\\"$label\\\\\"/\\\\\"$renamed\\\\\"/" $tiny >$other
check "the other model is sound" tarsier inspect model $other
sed -i "s#^model = .*#model = $other#" $drop_in
count=$(results_in /tmp/case/member)
systemctl reload tarsier
check "it is the other model's" until_true 60 sh -c "[ \$(tarsier status --json | jq -r .model.sha256) != $before ]"
check "results go on" until_true 60 has_results_in /tmp/case/member $((count + 30))
check_equal "in the same process" "$(property MainPID)" "$first"
lost=$(jq -s '[.[] | select(.type == "result") | .frame] | [.[1:], .[:-1]] | transpose | map(.[0] - .[1] - 1) | add' /tmp/case/member)
skipped=$(tarsier status --json | jq '.frames.skipped.busy')
check_equal "one connection all the while" "$(grep -c '"type":"hello"' /tmp/case/member)" 1
note "$(results_in /tmp/case/member) results; frames left out between them: $lost, of which the daemon counts $skipped as busy"
check_at_most "frames lost around the swap" "$(jq -s --argjson from "$count" '[.[] | select(.type == "result") | .frame] | .[$from - 5:$from + 30] | [.[1:], .[:-1]] | transpose | map(.[0] - .[1] - 1) | max' /tmp/case/member)" 1

for broken in truncated zeros missing; do
    good=$(tarsier status --json | jq -r .model.sha256)
    file=/var/lib/tarsier-models/$broken.safetensors
    case $broken in
    truncated) head -c 20000 $tiny >$file ;;
    # The header stays, every weight and scale goes.
    zeros)
        size=$(stat -c %s $tiny)
        header=$(($(od -An -tu8 -N8 $tiny) + 8))
        { head -c $header $tiny && head -c $((size - header)) /dev/zero; } >$file
        ;;
    missing) rm -f $file ;;
    esac
    sed -i "s#^model = .*#model = $file#" $drop_in
    refusals=$(journal | grep -c 'going on as before')
    count=$(results_in /tmp/case/member)
    kill -HUP "$first"
    check "a model that is $broken is refused" until_true 60 sh -c "[ \$(journalctl -q -u tarsier -o cat | grep -c 'going on as before') -gt $refusals ]"
    check "and the daemon goes on" until_true 60 has_results_in /tmp/case/member $((count + 5))
    check_equal "with the model it had" "$(property MainPID) $(tarsier status --json | jq -r .model.sha256)" "$first $good"
    check "systemctl status says so" sh -c "systemctl show -P StatusText tarsier | grep -E 'going on as before|camera ok'"
done
end_service

# boot: systemd
# clock: real
# time-out: 300
# From the start of the service to its first result, to its end, and through a restart with subscribers.
. /tarsier/lib.sh
. /tarsier/service-lib.sh
begin_service
systemctl stop tarsier.service
for number in 1 2 3; do listen_as tarsier /tmp/case/member$number; done
begin=$(now_ms)
systemctl start tarsier.service
ready=$(now_ms)
check "first result" until_true 60 has_results_in /tmp/case/member1 1
note "ready $((ready - begin)) ms and first result $(($(now_ms) - begin)) ms after systemctl start (emulated)"
note "since the kernel began: $(awk '{ print $1 }' /proc/uptime) s; systemd: $(systemd-analyze time 2>/dev/null | head -1)"

sleep 3
begin=$(now_ms)
systemctl restart tarsier.service
stopped=$(now_ms)
for number in 1 2 3; do
    count=$(results_in /tmp/case/member$number)
    check "subscriber $number is served again after a restart" until_true 60 has_results_in /tmp/case/member$number $((count + 3))
    check_equal "by one hello more" "$(grep -c '"type":"hello"' /tmp/case/member$number)" 2
done
note "restart took $((stopped - begin)) ms, results again after $(($(now_ms) - begin)) ms"

begin=$(now_ms)
systemctl stop tarsier.service tarsier.socket
check_at_most "stopped with subscribers, in ms" $(($(now_ms) - begin)) 1000
check_equal "well" "$(property Result)" success
pkill -x tarsier
end_service

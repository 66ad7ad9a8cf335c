# boot: systemd
# clock: real
# time-out: 300
# The watchdog kills a daemon whose inference loop hangs while every other thread of it lives, and lets one be that only waits.
. /tarsier/lib.sh
. /tarsier/service-lib.sh
# A shorter patience than the product's, so that the case is.
install -d /run/systemd/system/tarsier.service.d
printf '[Service]\nWatchdogSec=4s\n' >/run/systemd/system/tarsier.service.d/case.conf
systemctl daemon-reload
begin_service
first=$(property MainPID)
sleep 10
check_equal "without a subscriber it rests and is let be" "$(property MainPID) $(property NRestarts)" "$first 0"
rmmod vivid || { echo 0 >/sys/class/video4linux/video0/device/driver/unbind; rmmod vivid; }
sleep 10
check_equal "without a camera, too" "$(property MainPID) $(property NRestarts)" "$first 0"
modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0x0
listen_as tarsier /tmp/case/member
check "results come again" until_true 60 has_results_in /tmp/case/member 5

thread=$(grep -l '^tarsier-infer$' /proc/"$first"/task/*/comm | cut -d/ -f5)
frozen=$(now_ms)
/tarsier/extra/freeze-thread "$thread" >/tmp/case/frozen 2>&1 &
check "the inference thread hangs" until_true 10 grep -q frozen /tmp/case/frozen
check "the socket still answers" timeout 10 tarsier status
check "the watchdog kills it" until_true 60 sh -c "[ \$(systemctl show -P NRestarts tarsier) -ge 1 ]"
note "$(journalctl -q -o cat _PID=1 -u tarsier.service | grep -m1 -i watchdog)"
check "it is started again" until_true 60 has_property SubState running
count=$(results_in /tmp/case/member)
check "the subscriber gets results again" until_true 60 has_results_in /tmp/case/member $((count + 5))
note "results again $(($(now_ms) - frozen)) ms after the loop began to hang"
check_equal "by the watchdog, once" "$(property NRestarts)" 1
rm -r /run/systemd/system/tarsier.service.d
systemctl daemon-reload
end_service

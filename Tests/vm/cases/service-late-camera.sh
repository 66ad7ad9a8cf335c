# boot: systemd
# clock: real
# time-out: 240
# The first camera since boot is plugged in after the service was started, when nothing knew its device number yet.
. /tarsier/lib.sh
. /tarsier/service-lib.sh
begin_service
systemctl stop tarsier.service
rmmod vivid
for module in videodev mc; do rmmod $module 2>/dev/null || true; done
for module in $(lsmod | awk '$4 == "" || $3 == 0 { print $1 }' | grep -E '^(v4l2|videobuf|vb2|tpg)'); do rmmod "$module" 2>/dev/null; done
systemctl start tarsier.service
check_equal "it is ready without a camera" "$(property SubState)" running
listen_as tarsier /tmp/case/member
modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0x0
check "a camera that comes later is used" until_true 60 has_results_in /tmp/case/member 5
check "nothing was refused" sh -c "! journalctl -q -u tarsier.service -o cat -n 5 | grep -i 'not permitted'"
end_service

# boot: systemd
# clock: real
# time-out: 240
# The first camera since boot is plugged in after the service was started, when nothing knew its device number yet.
. /tarsier/lib.sh
. /tarsier/service-lib.sh
begin_service
systemctl stop tarsier.service
# unload MODULE: and first whoever uses it, whichever cases ran before.
unload() {
    for user in $(awk -v module="$1" '$1 == module { gsub(",", " ", $4); print $4 }' /proc/modules); do
        [ "$user" = - ] || unload "$user"
    done
    rmmod "$1" 2>/dev/null
}
unload videodev
check "no video driver is loaded" sh -c "! grep -q video4linux /proc/devices"
systemctl start tarsier.service
check_equal "it is ready without a camera" "$(property SubState)" running
listen_as tarsier /tmp/case/member
modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0x0
check "a camera that comes later is used" until_true 60 has_results_in /tmp/case/member 5
check "nothing was refused" sh -c "! journalctl -q -u tarsier.service -o cat -n 5 | grep -i 'not permitted'"
end_service

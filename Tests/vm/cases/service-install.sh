# boot: systemd
# clock: real
# time-out: 600
# The package as a user installs it: the service captures inside its sandbox, members of the group read, strangers do not.
. /tarsier/lib.sh
. /tarsier/service-lib.sh
begin_service
check_equal "it is enabled" "$(systemctl is-enabled tarsier.service) $(systemctl is-enabled tarsier.socket)" "enabled enabled"
check_equal "it is ready" "$(property SubState)" running
check_equal "the socket is its group's" "$(stat -c '%U:%G %a' $service_socket)" "root:tarsier 660"
listen_as tarsier /tmp/case/member
check "a member of the group reads results of the camera" until_true 60 has_results_in /tmp/case/member 20
check_equal "the camera is a V4L2 device" "$(jq -r 'select(.type == "hello") | .camera.id' /tmp/case/member)" v4l2:auto
main=$(property MainPID)
# systemd's range for users that are made up; nothing in the guest can name them.
check "its user is made up" sh -c "[ $(stat -c %u /proc/"$main") -ge 61184 ] && [ $(stat -c %u /proc/"$main") -le 65519 ]"
check "it reads a V4L2 device" sh -c "ls -l /proc/$main/fd | grep -q /dev/video0"
check_equal "seccomp is on, capabilities are none" \
    "$(sed -nE 's/^(Seccomp|CapBnd|NoNewPrivs):\s*//p' /proc/"$main"/status | tr '\n' ' ')" "0000000000000000 1 2 "
check "it has no device but the camera and null" sh -c "! ls -l /proc/$main/fd | grep /dev/ | grep -vE '/dev/(null|video0)'"
# What is inaccessible is an empty folder of mode 0.
check_equal "memory files of others, the bus and the resolver are out of its sight" \
    "$(stat -c %a /proc/"$main"/root/dev/shm /proc/"$main"/root/run/dbus | tr '\n' ' ')" "0 0 "
check "the runtime has nothing to complain of" sh -c "! journalctl -q -u tarsier.service -o cat | grep 'thread priority'"
setpriv --reuid=65534 --regid=65534 --clear-groups tarsier subscribe --count 1 >/tmp/case/stranger 2>&1
check_equal "a stranger is refused" "$? $(wc -l </tmp/case/stranger)" "77 1"
check "and told the remedy" grep -E "usermod|group" /tmp/case/stranger
note "$(cat /tmp/case/stranger)"
check "systemctl status tells what it does" until_true 30 sh -c "systemctl show -P StatusText tarsier | grep 'camera ok'"
note "$(property StatusText); $(property MemoryCurrent) bytes, $(property TasksCurrent) tasks"
check "the journal has priorities" sh -c "[ \$(journalctl -q -u tarsier.service -p info..info -o cat | grep -c 'results on') -ge 1 ]"
lines=$(journal | wc -l)
sleep 5
check_equal "no line a frame" "$(journal | wc -l)" "$lines"
end_service

# boot: systemd
# clock: real
# systemd as process 1 comes up whole, and the daemon runs as a transient service of it.
. /tarsier/lib.sh
check_equal "the system is running" "$(systemctl is-system-running)" running
check_equal "no unit has failed" "$(systemctl --failed --plain --no-legend | wc -l)" 0
modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0x0
udevadm settle
check_equal "udev gives the camera to the group video" "$(stat -c %G /dev/video0)" video
systemd-run --quiet --unit=tarsier-case --setenv=LD_LIBRARY_PATH=/tarsier/lib \
    /tarsier/bin/tarsier run --model $tiny --socket $socket --source v4l2:auto
check "the socket is there" until_true 30 test -S $socket
listen
check "20 results" until_true 60 has_results 20
systemctl stop tarsier-case
check_equal "it ends well" "$(systemctl show -P Result tarsier-case)" success
finish

# Who may not, and who has it: no camera, no permission with the command that mends it, busy with the holder's name.
. /tarsier/lib.sh
tarsier inspect camera >$case_folder/inspect 2>&1
check_equal "inspect camera without a camera: status" $? 66
check "and its words" grep -q 'no camera' $case_folder/inspect
start_daemon --source v4l2:auto --rate 10 --camera-rate 10 --camera-size 320x180 --camera-format yuyv
listen
check "without a camera the daemon waits" until_true 10 grep -q '"state":"lost"' $events
modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0x0
until_true 20 test -c /dev/video0
node=$(now_ms)
check "it finds one that comes later" until_true 60 has_results 1
check_at_most "from the node's appearance to the first result, in ms" $(($(now_ms) - node)) 2000
stop_daemon

v4l2-ctl -d /dev/video0 --set-fmt-video=width=320,height=180,pixelformat=YUYV --stream-mmap --stream-count=100000 \
    >/dev/null 2>&1 &
holder=$!
sleep 1
start_daemon --source v4l2:/dev/video0 --rate 10 --camera-rate 10 --camera-size 320x180 --camera-format yuyv
listen
check "busy is told, by whom" until_true 20 grep -E "busy: v4l2-ctl \(process $holder\)" $daemon_log
check_equal "and the camera counts as lost" "$(camera_state)" lost
kill $holder
begin=$(now_ms)
check "results once it is free" until_true 20 has_results 1
check_at_most "from free to the first result, in ms" $(($(now_ms) - begin)) 2000
stop_daemon

chmod 755 $case_folder
chmod 660 /dev/video0
chgrp video /dev/video0
setpriv --reuid=nobody --regid=nogroup --clear-groups \
    tarsier run --model $tiny --socket /tmp/nobody.sock --source v4l2:/dev/video0 >$daemon_log 2>&1
check_equal "no permission: status" $? 77
check_said "no permission: the command that mends it" 'sudo usermod -aG video nobody'
finish

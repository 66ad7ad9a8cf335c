# time-out: 300
# The motion gate on frames of a real driver: a picture that stays the same, then pictures that change; a region of them.
. /tarsier/lib.sh
modprobe vhci_hcd
modprobe uvcvideo
cp -r /tarsier/frames /tmp/frames
fifo=$case_folder/camera
camera() { echo "$*" >$fifo; }
usbcamera $fifo /tmp/frames/640x480-0.jpg >$case_folder/usb.log 2>&1 &
check "the camera is there" until_true 30 test -c /dev/video0
motion=medium
start_daemon --source v4l2:auto --rate 10 --camera-rate 10 --heartbeat 2
listen
check "a still picture: results until the label has settled" until_true 60 has_results 4
sleep 3
before=$(results)
sleep 10
heartbeats=$(($(results) - before))
check "ten seconds of a still picture: one result every two ($heartbeats)" test $heartbeats -ge 3 -a $heartbeats -le 6
skipped=$(tarsier status --json --socket $socket | jq .frames.skipped.motion)
check "the others count as motion ($skipped)" test "$skipped" -ge 60
check_equal "and the label is stable" "$(jq -c 'select(.type == "result") | .stable' $events | tail -1)" true
check_equal "nothing has left meanwhile" "$(grep -c '"type":"leave"' $events)" 0

# The same camera with another picture: what is seen first after it is back is new.
camera unplug
until_true 20 sh -c "grep '\"type\":\"camera\"' $events | tail -1 | grep -q lost"
before=$(results)
camera plug
check "back after an unplug: inferred at once" until_true 20 has_results $((before + 3))
stop_daemon
check_conserved

camera quit
sleep 1
usbcamera $fifo /tmp/frames/640x480-*.jpg >$case_folder/usb.log 2>&1 &
sleep 1
start_daemon --source v4l2:auto --rate 10 --camera-rate 10 --heartbeat 60
listen
sleep 8
before=$(results)
sleep 5
check "pictures that change are all inferred ($(($(results) - before)) in 5 s)" test $(($(results) - before)) -ge 35
stop_daemon
check_conserved

# A region of the picture that was agreed on; one that leaves it.
motion=off
start_daemon --source v4l2:auto --rate 10 --camera-rate 10 --region 160,120,320,240
listen
check "a region: 10 results" until_true 60 has_results 10
stop_daemon
check_conserved
tarsier run --model $tiny --socket $socket --source v4l2:auto --region 400,0,400,400 >$daemon_log 2>&1
check_equal "a region outside the picture ends with a configuration error" $? 78
check_said "and says why" 'the region 400,0,400,400 does not lie in the picture of 640x480'
finish

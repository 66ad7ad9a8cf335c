# time-out: 400
# A USB webcam with real JPEG frames through the stock uvcvideo driver: plugged, unplugged, stalled, sending garbage.
. /tarsier/lib.sh
modprobe vhci_hcd
modprobe uvcvideo
cp -r /tarsier/frames /tmp/frames
fifo=$case_folder/camera
camera() { echo "$*" >$fifo; }
usbcamera $fifo /tmp/frames/640x480-*.jpg >$case_folder/usb.log 2>&1 &
check "the camera is there" until_true 30 test -c /dev/video0
start_daemon --source v4l2:usb=1d6b:0c0c:0001 --rate 10 --camera-rate 10 --power-line 50 --exposure 10000
listen
check "20 results from JPEG frames" until_true 60 has_results 20
check_said "the driver speaks MJPEG" 'Camera of files'
check "frames come as JPEG" grep -q MJPEG $case_folder/usb.log
check_equal "the power line frequency was set" "$(v4l2-ctl -d /dev/video0 --get-ctrl power_line_frequency)" "power_line_frequency: 1"
check_said "a control that the camera lacks is named" 'exposure cannot be set'
more_results() { until_true 60 has_results $(($(grep -c '"type":"result"' $events) + $1)); }
told() { until_true 20 sh -c "grep '\"type\":\"camera\"' $events | tail -1 | grep -q '$1'"; }

# Each kind of damage: frames are counted as corrupt, and results go on.
for damage in truncate garbage corrupt error empty; do
    camera "$damage 5"
    check "after 5 frames with $damage: results go on" more_results 8
done
tarsier status --json --socket $socket | jq -c .frames | sed 's/^/     /'
corrupt=$(tarsier status --json --socket $socket | jq .frames.skipped.corrupt)
check "damaged frames were counted ($corrupt)" test "$corrupt" -ge 5

# Nothing but damage is no picture.
camera garbage 100000
check "nothing but garbage is told" told 'corrupt frames'
camera garbage 0
check "and its end, too" told '"state":"ok"'

for round in 1 2 3; do
    camera unplug
    begin=$(now_ms)
    check "unplugged, round $round: told" told '"state":"lost"'
    note "told after $(($(now_ms) - begin)) ms: $(camera_states | tail -1)"
    sleep $round
    check "lost is what a newcomer is told, with the last result" sh -c \
        "timeout 3 socat -u UNIX-CONNECT:$socket - | head -1 | jq -e '.camera.state == \"lost\" and .held == true'"
    camera plug
    begin=$(now_ms)
    until_true 20 test -c /dev/video0
    node=$(now_ms)
    check "plugged in again, round $round: results" more_results 1
    check_at_most "from the node's return to the first result, in ms" $(($(now_ms) - node)) 2000
    note "the kernel made the node $((node - begin)) ms after the plug"
done

camera stall
check "a stall is told" told 'no frames'
sleep 4
camera resume
begin=$(now_ms)
check "results after a stall" more_results 1
check_at_most "from the stall's end to the first result, in ms" $(($(now_ms) - begin)) 2000

camera halt
begin=$(now_ms)
check "a halted endpoint: results again" more_results 3
note "a halted endpoint took $(($(now_ms) - begin)) ms"

# Back with another size: the format is agreed on anew.
camera unplug
told '"state":"lost"'
camera quit
sleep 1
usbcamera $fifo /tmp/frames/1280x720-*.jpg >$case_folder/usb.log 2>&1 &
check "back with other pictures: results" more_results 3
check "in the new size" grep -q 1280x720 $case_folder/usb.log
stop_daemon
check_equal "it ends well" $? 0
check_conserved

camera quit
sleep 1
usbcamera $fifo /tmp/frames/640x480-*.jpg >$case_folder/usb.log 2>&1 &
sleep 1
# From capture to publication, at a rate that the emulated CPU keeps up with: within one frame's time and the inference.
start_daemon --source v4l2:auto --rate max --camera-rate 10
listen
check "10 frames a second: 100 results" until_true 60 has_results 100
stop_daemon
check_conserved
jq -r 'select(.type == "result") | .ms | "\(.age) \(.infer) \(.age - .infer)"' $events | sort -g -k3 >$case_folder/ages
figures=$(awk '{ age[NR] = $1; rest[NR] = $3; infer += $2 } END { printf "%.1f %.1f %.1f", rest[int(NR * 0.5 + 0.5)], rest[int(NR * 0.99 + 0.5)], infer / NR }' $case_folder/ages)
note "age without the inference p50, p99, mean inference, in ms: $figures"
check_at_most "capture to publication less the inference, p99 in ms" "$(echo "$figures" | cut -d' ' -f2)" 100

# Uncompressed, and converted by libv4l2.
for format in yuyv rgb24; do
    start_daemon --source v4l2:auto --rate 5 --camera-rate 5 --camera-format $format --camera-size 320x240
    listen
    check "$format over USB: 5 results" more_results 5
    stop_daemon
    check_conserved
done
finish

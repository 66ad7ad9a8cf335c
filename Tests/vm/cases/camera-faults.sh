# time-out: 400
# Every error that vivid injects: the daemon goes on or opens the camera again, says why, and counts every frame.
. /tarsier/lib.sh
modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0x0
until_true 20 test -c /dev/video0
inject() { v4l2-ctl -d /dev/video0 --set-ctrl "$1" >/dev/null 2>&1; }
start_daemon --source v4l2:/dev/video0 --rate 10 --camera-rate 10 --camera-size 320x180 --camera-format yuyv
listen
check "frames arrive" until_true 60 has_results 5

# more_results COUNT: so many after now.
more_results() { until_true 60 has_results $(($(grep -c '"type":"result"' $events) + $1)); }
# recovers NAME: results come again; the time from the injection to the next result, and the causes that were told.
recovers() {
    begin=$(now_ms)
    seen=$(camera_states | wc -l)
    results=$(grep -c '"type":"result"' $events)
    inject "$2"
    # What was on its way does not count: wait for the loss, or for two seconds without one.
    until_true 5 sh -c "[ \$(grep -c '\"type\":\"camera\"' $events) -gt $seen ]"
    lost=$(now_ms)
    if more_results 5; then
        told=$(camera_states | tail -n +$((seen + 1)) | sed 's/;.*//' | tr '\n' '|')
        ok "$1: recovered"
        note "$1: told after $((lost - begin)) ms, 5 results $(($(now_ms) - lost)) ms later: ${told:-no event}"
    else
        failed "$1: no results any more"
    fi
}
recovers "buffer flagged as bad" inject_v4l2_buf_flag_error=1
recovers "fatal streaming error" inject_fatal_streaming_error=1
recovers "QBUF refused" inject_vidioc_qbuf_error=1
inject inject_vidioc_streamon_error=1
recovers "STREAMON refused on the way back" inject_fatal_streaming_error=1
inject inject_vidioc_reqbufs_error=1
recovers "REQBUFS refused on the way back" inject_fatal_streaming_error=1
recovers "sequence numbers wrap" wrap_sequence_number=1
recovers "time stamps wrap" wrap_timestamp=1
check_at_most "no result is older than a second, in ms" \
    "$(jq -r 'select(.type == "result") | .ms.age' $events | sort -g | tail -1)" 1000
recovers "a third of the frames dropped" percentage_of_dropped_buffers=30
inject percentage_of_dropped_buffers=0
recovers "disconnected" disconnect=1

# A stall shows by time alone.
begin=$(now_ms)
inject percentage_of_dropped_buffers=100
check "a stall is told" until_true 20 grep -q '"cause":"no frames' $events
note "a stall: told after $(($(now_ms) - begin)) ms"
inject percentage_of_dropped_buffers=0
begin=$(now_ms)
check "results come after a stall" more_results 1
check_at_most "a stall's end to the first result, in ms" $(($(now_ms) - begin)) 2000

# The node goes and comes.
echo vivid.0 >/sys/bus/platform/drivers/vivid/unbind
check "the loss of the node is told" until_true 20 sh -c "tail -1 $events | grep -qE 'no device|unplugged'"
sleep 3
check_equal "the camera is lost" "$(camera_state)" lost
echo vivid.0 >/sys/bus/platform/drivers/vivid/bind
begin=$(now_ms)
check "results come when the node is back" more_results 1
check_at_most "from bind to the first result, in ms" $(($(now_ms) - begin)) 2000
check "the last result was kept meanwhile" test -n "$(tarsier status --json --socket $socket | jq -r .camera.state)"
stop_daemon
check_equal "it ends well" $? 0
check_conserved
finish

# Every format that vivid offers and we read, converted formats, a format that the driver swaps without a word, and a CSI
# camera's remedy.
. /tarsier/lib.sh
modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0x0
check "the camera is there" until_true 20 test -c /dev/video0
for format in yuyv uyvy nv12 i420 rgb24 grey; do
    start_daemon --source v4l2:/dev/video0 --rate 10 --camera-rate 10 --camera-format $format --camera-size 320x180
    listen
    check "$format: 10 results" until_true 60 has_results 10
    stop_daemon
    check_equal "$format: it ends well" $? 0
    check_conserved
done
# vivid takes the wish for MJPEG and gives something else: what comes back counts.
start_daemon --source v4l2:auto --rate 10 --camera-rate 10 --camera-size 320x180
listen
check "the driver's own choice: 10 results" until_true 60 has_results 10
stop_daemon
tarsier inspect camera >$case_folder/inspect
check "inspect names the camera, its formats and the choice" grep -E 'v4l2:auto takes /dev/video0' $case_folder/inspect
sed 's/^/     /' $case_folder/inspect | head -20
finish

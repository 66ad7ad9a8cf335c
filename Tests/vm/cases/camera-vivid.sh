# A camera of the kernel's own: frames become results, and every frame is accounted for.
. /tarsier/lib.sh
modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0x0
check "the camera is there" until_true 20 test -c /dev/video0
start_daemon --source v4l2:/dev/video0 --rate 10 --camera-rate 10 --camera-size 640x360
listen
check "30 results" until_true 60 has_results 30
check_equal "the camera is well" "$(camera_state)" ok
stop_daemon
check_equal "it ends well" $? 0
check_conserved
finish

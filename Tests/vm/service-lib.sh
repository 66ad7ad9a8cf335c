# For the cases of the service: sourced after lib.sh. The package is installed once a boot; a case begins with the packaged configuration
# and a camera of the kernel's.
# shellcheck shell=sh
package=$(ls /tarsier/extra/tarsier_*.deb)
service_socket=/run/tarsier/tarsier.sock
drop_in=/etc/tarsier/tarsier.conf.d/case.conf
# What the loader was told for programs from other places must not hold for the installed one.
unset LD_LIBRARY_PATH
PATH=/usr/bin:/usr/sbin:/bin:/sbin

# begin_service [SETTINGS]: installed, configured for the tiny model and the camera, and started.
begin_service() {
    [ -x /usr/bin/tarsier ] || give_up_unless "the package can be installed" dpkg -i "$package"
    modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0x0
    give_up_unless "the camera is there" until_true 20 test -c /dev/video0
    install -d /var/lib/tarsier-models
    install -m 644 $tiny /var/lib/tarsier-models/tiny.safetensors
    configure "$@"
    systemctl reset-failed tarsier.service tarsier.socket 2>/dev/null
    give_up_unless "the service starts" systemctl restart tarsier
}
# configure [LINE...]: on top of the packaged file.
configure() {
    {
        echo "model = /var/lib/tarsier-models/tiny.safetensors"
        for line in "$@"; do echo "$line"; done
    } >$drop_in
}
# property NAME: of the service.
property() { systemctl show -P "$1" tarsier.service; }
# has_property NAME VALUE: for until_true.
has_property() { [ "$(property "$1")" = "$2" ]; }
# listen_as GROUP FILE: every line of the socket to a file, as a member of a group and nobody else; in the background.
listen_as() {
    setpriv --reuid=65534 --regid=65534 --groups="$1" --no-new-privs \
        tarsier subscribe --every --json >"$2" 2>"$2.err" &
    listener=$!
}
# results_in FILE: results so far.
results_in() { grep -c '"type":"result"' "$1"; }
has_results_in() { [ "$(results_in "$1")" -ge "$2" ]; }
journal() { journalctl -q -u tarsier.service -o cat "$@"; }
end_service() {
    [ -z "${listener:-}" ] || kill "$listener" 2>/dev/null
    systemctl stop tarsier.service tarsier.socket 2>/dev/null
    systemctl reset-failed 2>/dev/null
    rm -f $drop_in
    finish
}

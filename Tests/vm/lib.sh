# For the cases: sourced by each. A check prints one line, `ok ...` or `FAIL ...`; a case ends with `finish`.
# shellcheck shell=sh disable=SC2034
set -u
case_folder=/tmp/case
socket=$case_folder/tarsier.sock
daemon_log=$case_folder/daemon.log
events=$case_folder/events
tiny=/tarsier/models/tiny.int8.safetensors
failures=0
daemon=
listener=
mkdir -p $case_folder
PATH=/tarsier/bin:$PATH

# ok TEXT, failed TEXT: the outcome of a check.
ok() { echo "ok   $*"; }
failed() {
    echo "FAIL $*"
    failures=$((failures + 1))
    [ ! -s $daemon_log ] || tail -n 12 $daemon_log | sed 's/^/       daemon: /'
}
# note TEXT: a figure or other talk.
note() { echo "     $*"; }

# check TEXT COMMAND...: passes when the command succeeds.
check() {
    check_text=$1
    shift
    if "$@" >$case_folder/check 2>&1; then
        ok "$check_text"
    else
        failed "$check_text"
        sed 's/^/       /' $case_folder/check | tail -n 5
    fi
}
# give_up_unless TEXT COMMAND...: as check, but says nothing when it passes and ends the case when it fails.
give_up_unless() {
    check_text=$1
    shift
    "$@" >/dev/null 2>&1 && return
    failed "$check_text"
    exit 1
}
# check_equal TEXT GOT WANT
check_equal() { if [ "$2" = "$3" ]; then ok "$1"; else failed "$1: '$2', wanted '$3'"; fi; }
# check_at_most TEXT GOT LIMIT: numbers; the text is followed by the figure.
check_at_most() {
    if awk -v got="$2" -v limit="$3" 'BEGIN { exit !(got != "" && got <= limit) }'; then
        ok "$1: $2 (at most $3)"
    else
        failed "$1: '$2', at most $3"
    fi
}
# check_said TEXT PATTERN: the daemon's log has a line like this.
check_said() { check "$1" grep -E "$2" $daemon_log; }

# until SECONDS COMMAND...: waits for the command to succeed, by the guest's clock; its status.
until_true() {
    until_end=$(($(now_ms) + $1 * 1000))
    shift
    while ! "$@" >/dev/null 2>&1; do
        [ "$(now_ms)" -lt $until_end ] || return 1
        sleep 0.02
    done
}
now_ms() { date +%s%3N; }

# start_daemon ARGUMENT...: with the tiny model, in the background; returns when its socket is there. Every frame is
# inferred, whether anything moves or not, unless $motion says otherwise.
start_daemon() {
    tarsier run --motion "${motion:-off}" --model $tiny --socket $socket "$@" >$daemon_log 2>&1 &
    daemon=$!
    give_up_unless "the daemon comes up" until_true 60 test -S $socket
}
# stop_daemon: asks it to end; its status.
stop_daemon() {
    # A listener would come back to the next daemon and write on.
    if [ -n "$listener" ]; then
        kill "$listener" 2>/dev/null
        listener=
    fi
    kill -TERM "$daemon" 2>/dev/null
    wait "$daemon"
}
# listen: every line of the socket goes to $events, from now on.
listen() {
    tarsier subscribe --every --json --socket $socket >$events 2>$case_folder/listen &
    listener=$!
    give_up_unless "the socket says hello" until_true 30 test -s $events
}
# results [FILTER]: how many results came, or those that jq's FILTER selects.
results() { jq -c "select(.type == \"result\")${1:+ | select($1)}" $events | wc -l; }
# has_results COUNT: for until_true.
has_results() { [ "$(grep -c '"type":"result"' $events)" -ge "$1" ]; }
# camera_states: the states that were announced, in order, one a line with its cause.
camera_states() { jq -r 'select(.type == "camera") | "\(.state) \(.cause)"' $events; }

# camera_state: what the daemon says now.
camera_state() { tarsier status --json --socket $socket | jq -r .camera.state; }

# check_conserved: every captured frame is accounted for in the daemon's last line; call after stop_daemon.
check_conserved() {
    sums=$(sed -nE 's/.*stopped: ([0-9]+) frames captured, ([0-9]+) inferred(, skipped: )?(.*)/\1 \2 \4/p' $daemon_log |
        awk '{ sum = $2; for (i = 3; i <= NF; i++) if ($i ~ /^[0-9]+$/) sum += $i; print $1, sum }')
    check_equal "captured = inferred + skipped" "${sums#* }" "${sums%% *}"
    note "$(sed -nE 's/.*(stopped: .*)/\1/p' $daemon_log)"
}

finish() {
    [ $failures -eq 0 ]
    exit
}

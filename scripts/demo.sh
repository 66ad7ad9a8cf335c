#!/usr/bin/env bash
# The main job without a camera: a daemon on rendered scenes, its results read back through the socket.
#   demo.sh PROGRAM [RESULTS]
set -euo pipefail
cd "$(dirname "$0")/.."
program=$1
results=${2:-110}
folder=$(mktemp -d)
socket=$folder/tarsier.sock
daemon=
finish() {
    [[ -z $daemon ]] || kill "$daemon" 2>/dev/null || true
    rm -rf "$folder"
}
trap finish EXIT

echo "== starting the daemon on rendered scenes: $program run --source scene: --socket $socket"
"$program" run --source scene: --socket "$socket" --rate 5 &
daemon=$!
for _ in $(seq 100); do
    [[ -S $socket ]] && break
    kill -0 "$daemon" 2>/dev/null || { echo "demo: the daemon ended before its socket was there" >&2; exit 1; }
    sleep 0.05
done

echo "== reading $results results from the socket: $program subscribe --socket $socket --every --count $results"
"$program" subscribe --socket "$socket" --every --count "$results" | tee "$folder/results"

echo "== stopping the daemon (SIGTERM)"
kill -TERM "$daemon"
wait "$daemon"
daemon=
lines=$(grep -c ' ms  ' "$folder/results")
[[ $lines -ge $results ]] || { echo "demo: only $lines results came back" >&2; exit 1; }
echo "== done: $lines results came back through the socket"

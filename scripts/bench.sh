#!/usr/bin/env bash
# Tables of speed on this machine: the default model, the steps it consists of, one thread and two, every step of the
# kernel ladder, at the pace of a camera, the float reference; then the start and the memory of the daemon.
#   bench.sh PROGRAM
set -euo pipefail
cd "$(dirname "$0")/.."
program=$1
folder=$(mktemp -d)
daemon=
finish() {
    [[ -z $daemon ]] || kill "$daemon" 2>/dev/null || true
    rm -rf "$folder"
}
trap finish EXIT

# milliseconds MICROSECONDS
milliseconds() { printf '%d.%d' $(($1 / 1000)) $(($1 % 1000 / 100)); }

# From the fork to the end of a process that loads the model and runs it twice; the first run has read it into the page
# cache. More than the time to the first result, therefore.
cold_start() {
    local begin times=()
    for _ in $(seq 11); do
        begin=${EPOCHREALTIME/[.,]/}
        "$program" bench --runs 1 --warm-up 0 --json >/dev/null
        times+=($((${EPOCHREALTIME/[.,]/} - begin)))
    done
    mapfile -t times < <(printf '%s\n' "${times[@]:1}" | sort -n)
    echo "start     process with two inferences: min $(milliseconds "${times[0]}")  median $(milliseconds "${times[5]}") ms (goal: 60)"
}

# The most memory the daemon has had resident while it answered from rendered scenes.
daemon_memory() {
    local socket=$folder/tarsier.sock peak
    "$program" run --source scene: --socket "$socket" --rate 20 2>"$folder/log" &
    daemon=$!
    for _ in $(seq 100); do
        [[ -S $socket ]] && break
        kill -0 "$daemon" 2>/dev/null || { cat "$folder/log" >&2; exit 1; }
        sleep 0.05
    done
    "$program" subscribe --socket "$socket" --every --count 60 >/dev/null 2>&1
    peak=$(awk '/^VmHWM/ { print $2 }' "/proc/$daemon/status")
    awk '/^Rss(Anon|File)/ { kib[$1] = $2 } END { printf "memory    daemon, peak resident %.1f MiB (goal: 24), of which own %.1f, mapped files %.1f\n",
        '"$peak"' / 1024, kib["RssAnon:"] / 1024, kib["RssFile:"] / 1024 }' "/proc/$daemon/status"
    kill -TERM "$daemon"
    wait "$daemon"
    daemon=
}

sed -n 's/^model name[^:]*: /machine   /p' /proc/cpuinfo | head -1
echo "date      $(date -u +%F)"
echo
"$program" bench --threads 1 --warm-up 200 --runs 2000 --per-layer
echo
if [[ $(nproc) -gt 1 ]]; then
    "$program" bench --threads 2 --warm-up 200 --runs 2000
    echo
fi
for threads in 1 2; do
    [[ $threads -le $(nproc) ]] || continue
    "$program" bench --threads "$threads" --runs 150 --rate 30 | head -3
done
echo
for mask in scalar sse4.1 avx2 avx-vnni avx512-vnni amx-int8 neon dotprod; do
    # A step this CPU lacks would be benched as the one below it: leave it out.
    if [[ $mask != scalar ]] && ! "$program" inspect cpu --json | grep -q "\"$mask\""; then continue; fi
    runs=200
    [[ $mask == scalar ]] && runs=3
    echo "mask $mask: $("$program" bench --cpu-mask "$mask" --runs $runs | sed -n 2p)"
done
echo
"$program" bench --float --runs 5 | head -2
echo
cold_start
daemon_memory

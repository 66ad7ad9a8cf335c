#!/usr/bin/env bash
# fuzz.sh [RUNS] [SUBJECT...]: libFuzzer with the address sanitizer on everything that reads bytes from outside; RUNS (1,000,000
# when left out) inputs for each subject, all of them when none is named. Crashes end it with an error; the input that
# did it is kept in .build-fuzz/crashes, to be added to Tests/fuzz/SUBJECT once the defect is mended.
#   SECONDS_EACH=300 ends each subject after so long, whatever it has reached.
set -uo pipefail
cd "$(dirname "$0")/.."
runs=${1:-1000000}
shift || true
swift=${SWIFT:-swift}
flags=(-c release --scratch-path .build-fuzz --product tarsier-fuzz --sanitize fuzzer --sanitize address)
"$swift" build -j "$(nproc)" "${flags[@]}" 2>&1 | grep -E 'error:|Compiling|Build' | tail -3
program=.build-fuzz/release/tarsier-fuzz
[[ -x $program ]] || { echo "fuzz: the program was not built" >&2; exit 1; }
plain=.build-fuzz/plain
"$swift" build -j "$(nproc)" -c release --product tarsier-fuzz --scratch-path "$plain" 2>&1 | grep -E 'error:' | tail -3
corpus=.build-fuzz/corpus crashes=.build-fuzz/crashes
mkdir -p "$corpus" "$crashes"
"$plain/release/tarsier-fuzz" --seeds "$corpus" || exit
subjects=("$@")
((${#subjects[@]})) || mapfile -t subjects < <("$plain/release/tarsier-fuzz" --names)
failed=0
for subject in "${subjects[@]}"; do
    mkdir -p "$corpus/$subject"
    kept=()
    [[ ! -d Tests/fuzz/$subject ]] || kept=("Tests/fuzz/$subject")
    log=$crashes/$subject.log
    SUBJECT=$subject ASAN_OPTIONS=detect_leaks=0 "$program" -runs="$runs" -max_total_time="${SECONDS_EACH:-0}" \
        -max_len="$(case $subject in model | weights) echo 65536 ;; *) echo 8192 ;; esac)" -timeout=20 -rss_limit_mb=2048 \
        -artifact_prefix="$crashes/$subject-" -print_final_stats=1 "$corpus/$subject" "${kept[@]}" >"$log" 2>&1
    status=$?
    done_runs=$(grep -oE 'number_of_executed_units: [0-9]+' "$log" | grep -oE '[0-9]+')
    coverage=$(grep -oE 'cov: [0-9]+' "$log" | tail -1)
    peak=$(grep -oE 'peak_rss_mb: +[0-9]+' "$log" | grep -oE '[0-9]+')
    printf '%-14s %10s inputs  %s  peak %s MiB  %s\n' "$subject" "${done_runs:-0}" "$coverage" "${peak:-?}" \
        "$([[ $status == 0 ]] && echo ok || echo "FAILED, see $log")"
    [[ $status == 0 ]] || failed=1
done
exit $failed

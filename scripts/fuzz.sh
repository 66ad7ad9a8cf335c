#!/usr/bin/env bash
# fuzz.sh [RUNS] [SUBJECT...]: libFuzzer on everything that reads bytes from outside: RUNS inputs (1,000,000 when left out) for
# each subject as it ships, optimised and with Swift's own checks, then a tenth as many under the address and undefined
# behaviour sanitizers. A crash ends it with an error; the input that did it is kept in .build-fuzzer/crashes, to be added to
# Tests/fuzz/SUBJECT once the defect is mended.
#   KINDS="plain address"  which of the two builds
#   SECONDS_EACH=300       ends each run after so long, whatever it has reached
#   AT_ONCE=1              subjects at a time
# fuzz.sh --keep: picks of what was found a few inputs that reach the same code, for Tests/fuzz.
set -uo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
corpus=.build-fuzzer/corpus crashes=.build-fuzzer/crashes results=.build-fuzzer/results
programs=(tarsier-fuzz)
export ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1

# build KIND PROGRAM: where the program is, on standard output.
build() {
    local scratch=.build-fuzzer flags=(-c release --sanitize fuzzer)
    if [[ $1 == address ]]; then
        scratch=.build-fuzzer-address
        flags+=(--sanitize address -Xcc -fsanitize=undefined -Xcc -fno-sanitize-recover=undefined)
    fi
    "$swift" build -j "${BUILD_JOBS:-$(nproc)}" --scratch-path "$scratch" --product "$2" "${flags[@]}" >"$crashes/build.log" 2>&1 ||
        { grep -E 'error:' "$crashes/build.log" >&2; tail -3 "$crashes/build.log" >&2; echo "fuzz: $2 was not built" >&2; exit 1; }
    echo "$scratch/release/$2"
}

# fuzz KIND PROGRAM SUBJECT LIMIT RUNS
fuzz() {
    local kind=$1 program=$2 subject=$3 limit=$4 runs=$5 log status start
    log=$crashes/$subject-$kind.log
    mkdir -p "$corpus/$subject"
    local kept=()
    [[ ! -d Tests/fuzz/$subject ]] || kept=("Tests/fuzz/$subject")
    local words=()
    [[ ! -s $corpus/$subject.words ]] || words=("-dict=$corpus/$subject.words")
    start=$(date +%s)
    SUBJECT=$subject "$program" -runs="$runs" -max_total_time="${SECONDS_EACH:-0}" -max_len="$limit" \
        "${words[@]}" -timeout=20 -rss_limit_mb=2048 -reload=0 -artifact_prefix="$crashes/$subject-" \
        -print_final_stats=1 "$corpus/$subject" "${kept[@]}" >"$log" 2>&1
    status=$?
    local seconds=$(($(date +%s) - start)) number='[0-9]+'
    local done_runs coverage peak
    done_runs=$(grep -oE "number_of_executed_units: $number" "$log" | grep -oE "$number")
    coverage=$(grep -oE "cov: $number ft: $number" "$log" | tail -1)
    peak=$(grep -oE "peak_rss_mb: +$number" "$log" | grep -oE "$number")
    printf '%-14s %-7s %10s inputs in %5s s  %s  %5s kept  peak %4s MiB  %s\n' "$subject" "$kind" "${done_runs:-0}" "$seconds" \
        "$coverage" "$(find "$corpus/$subject" -type f | wc -l)" "${peak:-?}" \
        "$([[ $status == 0 ]] && echo ok || echo "FAILED, see $log")" | tee -a "$results"
    return "$status"
}

# keep PROGRAM SUBJECT: 24 inputs at most, none above 8 KiB: of all sizes, since what is small is refused early.
keep() {
    local chosen=.build-fuzzer/chosen/$2
    rm -rf "$chosen"
    mkdir -p "$chosen" "Tests/fuzz/$2"
    SUBJECT=$2 "$1" -set_cover_merge=1 -max_len=8192 "$chosen" "Tests/fuzz/$2" "$corpus/$2" >"$crashes/$2-keep.log" 2>&1 ||
        { echo "fuzz: the inputs of $2 cannot be merged, see $crashes/$2-keep.log" >&2; return 1; }
    # Inputs that once broke something have names of words, and stay.
    find "Tests/fuzz/$2" -type f -regextype posix-extended -regex '.*/[0-9a-f]{40}' -delete
    local found
    found=$(find "$chosen" -type f | wc -l)
    find "$chosen" -type f -printf '%s %p\n' | sort -n | awk -v n="$found" 'int(NR * 24 / n) > int((NR - 1) * 24 / n)' |
        cut -d' ' -f2 | xargs -r cp -t "Tests/fuzz/$2"
    echo "$2: $(find "Tests/fuzz/$2" -type f | wc -l) inputs of $(du -sb "Tests/fuzz/$2" | cut -f1) bytes"
}

mkdir -p "$corpus" "$crashes"
if [[ ${1:-} == --keep ]]; then
    for program in "${programs[@]}"; do
        path=$(build plain "$program") || exit 1
        while read -r subject _; do keep "$path" "$subject" || exit 1; done < <("$path" --names)
    done
    exit 0
fi

runs=${1:-1000000}
shift || true
failed=0
for kind in ${KINDS:-plain address}; do
    for program in "${programs[@]}"; do
        path=$(build "$kind" "$program") || exit 1
        "$path" --seeds "$corpus" || exit 1
        while read -r subject limit; do
            (($# == 0)) || [[ " $* " == *" $subject "* ]] || continue
            while (($(jobs -rp | wc -l) >= ${AT_ONCE:-1})); do wait -n || failed=1; done
            fuzz "$kind" "$path" "$subject" "$limit" "$([[ $kind == address ]] && echo $((runs / 10)) || echo "$runs")" &
        done < <("$path" --names)
        while (($(jobs -rp | wc -l) > 0)); do wait -n || failed=1; done
    done
done
exit $failed

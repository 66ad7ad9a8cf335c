#!/usr/bin/env bash
# The networks in other engines beside ours, in turns, on this machine: a Markdown table with ratios.
#   bench-peers.sh PROGRAM [ARGUMENTS OF bench/peers/compare.py]
#
# The peers live in .build-peers (or $TARSIER_PEERS), about 2 GB, made on the first run; most of
# it is TensorFlow, which writes LiteRT's files and is not timed. To use environments that exist: $TARSIER_PEERS_PYTHON
# (what bench/peers/requirements.txt lists) and $TARSIER_PEERS_CONVERTER (a Python with TensorFlow; `none`: leave LiteRT out).
set -euo pipefail
cd "$(dirname "$0")/.."
program=$1
shift
folder=${TARSIER_PEERS:-.build-peers}
models=$folder/models
mkdir -p "$models"

say() { printf 'bench-peers: %s\n' "$*" >&2; }

# environment NAME REQUIREMENTS: a virtual environment with those packages; prints its Python
environment() {
    local place=$folder/$1 wanted=bench/peers/$2
    if ! cmp -s "$wanted" "$place/installed.txt"; then
        say "installing $wanted in $place"
        "${PYTHON:-python3}" -m venv "$place" &&
            "$place/bin/pip" install -q --disable-pip-version-check -r "$wanted" >&2 &&
            cp "$wanted" "$place/installed.txt" || return 1
    fi
    echo "$place/bin/python"
}

python=${TARSIER_PEERS_PYTHON:-$(environment venv requirements.txt)} || {
    say "the peers could not be installed; bench/peers/requirements.txt needs Python 3.11 or later with venv and a network"
    exit 69
}

# stale FILE SOURCE...: FILE is missing or older than a source
stale() {
    local file=$1 source
    shift
    [[ -e $file ]] || return 0
    for source in "$@"; do [[ $source -nt $file ]] && return 0; done
    return 1
}

weights=models/sm_v2.float.safetensors
sources=(bench/peers/network.py training/networks.py "$weights")
checked=$models/checked
if stale "$models/built" bench/peers/build.py "${sources[@]}"; then
    "$python" bench/peers/build.py "$models" "$weights" >&2
    touch "$models/built"
fi
if [[ ${TARSIER_PEERS_CONVERTER:-} == none ]]; then
    say "LiteRT is left out, as asked"
elif stale "$models/converted" bench/peers/build_litert.py "$models/built"; then
    if converter=${TARSIER_PEERS_CONVERTER:-$(environment venv-litert requirements-litert.txt)} &&
        "$converter" bench/peers/build_litert.py "$models" >"$models/converter.log" 2>&1; then
        touch "$models/converted"
    else
        say "LiteRT is left out: its converter, TensorFlow, could not be installed or failed ($models/converter.log)"
    fi
fi
if stale "$checked" bench/peers/worker.py "$models/built" "$models/converted"; then
    "$python" bench/peers/check.py "$models" >&2
    touch "$checked"
fi
# Peers are held to smaller instruction sets where the kernel can make CPUID fault.
limiter=$models/cpuid_limit.so
if ! grep -qw cpuid_fault /proc/cpuinfo; then
    rm -f "$limiter"
    say "this machine cannot hide instruction sets: only OpenVINO, which can be told, is compared under a mask"
elif stale "$limiter" bench/peers/cpuid_limit.c; then
    "${CC:-clang}" -O2 -shared -fPIC bench/peers/cpuid_limit.c -o "$limiter"
fi
exec "$python" bench/peers/compare.py "$program" "$models" "$@"

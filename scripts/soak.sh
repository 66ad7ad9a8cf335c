#!/usr/bin/env bash
# soak.sh FOLDER-OF-PROGRAMS [MINUTES]: days of use in minutes: a small network at full rate on a camera that breaks, clients
# that come and go, models that change, reloads; see docs/reliability.md.
set -euo pipefail
cd "$(dirname "$0")/.."
programs=$1 minutes=${2:-30}
folder=.build/soak
mkdir -p "$folder/pictures"
cc -std=gnu17 -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -fPIC -shared -o "$folder/standin.so" Tests/camera/standin.c
"$programs/tarsier-samples" "$folder"
mv "$folder"/640x480-*.jpg "$folder/pictures"
sed -n 's/^model name[^:]*: /machine    /p' /proc/cpuinfo | head -1
echo "date       $(date -u +%F), $(nproc) CPUs"
"$programs/tarsier-load" soak --program "$programs/tarsier" --minutes "$minutes" --model "$folder/tiny.int8.safetensors" \
    --other-model "$folder/other.int8.safetensors" --camera "$folder/standin.so" --pictures "$folder/pictures"

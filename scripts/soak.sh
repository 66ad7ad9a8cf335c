#!/usr/bin/env bash
# soak.sh FOLDER-OF-PROGRAMS [MINUTES]: days of use in minutes; see docs/reliability.md.
set -euo pipefail
cd "$(dirname "$0")/.."
programs=$1 minutes=${2:-30}
sed -n 's/^model name[^:]*: /machine    /p' /proc/cpuinfo | head -1
echo "date       $(date -u +%F), $(nproc) CPUs"
"$programs/tarsier-load" soak --program "$programs/tarsier" --minutes "$minutes"

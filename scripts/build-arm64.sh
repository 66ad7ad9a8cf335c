#!/usr/bin/env bash
# Builds the daemon that ships for arm64 (Raspberry Pi OS and Debian 12 or later) and prints where it is.
# The Swift runtime is linked in; the C library must be 2.36 or later. Takes what scripts/setup.sh arm installs.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/arm64/build.sh bookworm -c release --static-swift-stdlib --product tarsier >&2
scripts/arm64/build.sh bookworm -c release --static-swift-stdlib --product tarsier-web >&2
echo "$PWD/.build-arm64-bookworm/aarch64-unknown-linux-gnu/release/tarsier"

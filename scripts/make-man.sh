#!/usr/bin/env bash
# Writes the manual pages: commands and settings from what the program says of itself, the rest from packaging/man.
#   make-man.sh PROGRAM FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
program=$1 folder=$2
mkdir -p "$folder"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$program" --experimental-dump-help >"$work/help.json"
# Defaults, whatever this machine is configured to.
env -i "$program" config show --json --config /dev/null >"$work/settings.json"
version=$(sed -n 's/.*current = "\(.*\)".*/\1/p' Sources/Daemon/Version.swift)
date=$(LC_ALL=C date -u -d "@${SOURCE_DATE_EPOCH:-$(date +%s)}" '+%B %-d, %Y')

# page SOURCE NAME [SECTION]: fills in date, version and, for a section, what is generated.
page() {
    : >"$work/body"
    [[ -z ${3:-} ]] || jq -r --arg page "$3" --slurpfile settings "$work/settings.json" -f packaging/man/pages.jq "$work/help.json" >"$work/body"
    sed -e "/^@BODY@$/{r $work/body" -e 'd}' -e "s/@DATE@/$date/; s/@VERSION@/$version/" "packaging/man/$1" >"$folder/$2"
}
page tarsier.1.in tarsier.1 1
page tarsier.conf.5.in tarsier.conf.5 5
page tarsier.7 tarsier.7
page tarsier.8 tarsier.8
page tarsier-web.8 tarsier-web.8

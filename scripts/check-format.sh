#!/usr/bin/env bash
# Formatting of Swift (swift format) and C (clang-format 14); --fix-c rewrites the C.
set -euo pipefail
cd "$(dirname "$0")/.."
swift format lint --strict --recursive --parallel Package.swift Sources Tests
mapfile -t c_files < <(git ls-files 'Sources/*.c' 'Sources/*.h' 'Tests/*.c' 'Tests/*.h')
# Versions of clang-format disagree in details; the style is pinned to Debian 12's.
case $(clang-format --version) in
*"version 14."*)
    if [[ ${1:-} == --fix-c ]]; then clang-format -i "${c_files[@]}"; else clang-format --dry-run -Werror "${c_files[@]}"; fi
    ;;
*) echo "check-format: C not checked: the style is clang-format 14's, here is $(clang-format --version)" ;;
esac
# The budget for promises that the compiler cannot check, each with a comment that begins with "Safety:".
count=$(git grep -hE '@unchecked Sendable|nonisolated\(unsafe\)' -- Sources | grep -vcE '^ *//' || true)
[[ $count -le 5 ]] || { echo "check-format: $count unchecked Sendable promises, the budget is 5" >&2; exit 1; }
echo "format: Swift and C are in the house style, $count of 5 unchecked promises used"

#!/usr/bin/env bash
# What a package must hold before anybody installs it: check-deb.sh PACKAGE, with tarsier-web's beside it. Closes with `N passed, N failed`.
# Installing, upgrading and purging it is tried in the virtual machine: make test-vm.
set -uo pipefail
cd "$(dirname "$0")/.."
package=$1
passed=0 failed=0
verdict() { if [[ $1 -eq 0 ]]; then passed=$((passed + 1)) && echo "ok   $2"; else failed=$((failed + 1)) && echo "FAIL $2"; fi; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dpkg-deb -x "$package" "$work/root"
web=${package/\/tarsier_/\/tarsier-web_}
dpkg-deb -x "$web" "$work/web"

found=$(lintian --allow-root --tag-display-limit 0 --fail-on error,warning "$package" 2>&1)
verdict $? "lintian finds nothing${found:+: $found}"
found=$(lintian --allow-root --tag-display-limit 0 --fail-on error,warning "$web" 2>&1)
verdict $? "lintian finds nothing in tarsier-web${found:+: $found}"
[[ $(dpkg-deb -f "$web" Depends | sed -E 's/ \([^)]*\)//g') == "tarsier, libc6" ]]
verdict $? "tarsier-web depends on tarsier and the C library alone: $(dpkg-deb -f "$web" Depends)"

depends=$(dpkg-deb -f "$package" Depends | sed -E 's/ \([^)]*\)//g' | tr -d ' ' | tr ',' '\n' | sort | tr '\n' ' ')
[[ $depends == "libc6 libjpeg62-turbo libv4l-0 " ]]
verdict $? "depends on the C library, libjpeg and libv4l alone: $(dpkg-deb -f "$package" Depends)"

for page in "$work"/{root,web}/usr/share/man/man*/*.gz; do
    complaints=$(gzip -dc "$page" | mandoc -T lint -W warning 2>&1)
    [[ -z $complaints ]]
    verdict $? "manual page $(basename "$page" .gz)${complaints:+: $complaints}"
done
for word in tarsier.1 tarsier.conf.5 tarsier.7 tarsier.8; do
    [[ -e $work/root/usr/share/man/man${word##*.}/$word.gz ]] || verdict 1 "there is a manual page $word"
done

bash -n "$work/root/usr/share/bash-completion/completions/tarsier" && grep -q -- --max-clients "$work/root/usr/share/bash-completion/completions/tarsier"
verdict $? "completions for bash"
if command -v zsh >/dev/null; then zsh -n "$work/root/usr/share/zsh/vendor-completions/_tarsier"; else grep -q '#compdef tarsier' "$work/root/usr/share/zsh/vendor-completions/_tarsier"; fi
verdict $? "completions for zsh"
if command -v fish >/dev/null; then fish -n "$work/root/usr/share/fish/vendor_completions.d/tarsier.fish"; else grep -q 'complete -c' "$work/root/usr/share/fish/vendor_completions.d/tarsier.fish"; fi
verdict $? "completions for fish"

if [[ $(dpkg-deb -f "$package" Architecture) == "$(dpkg --print-architecture)" ]]; then
    "$work/root/usr/bin/tarsier" config check --config "$work/root/etc/tarsier/tarsier.conf"
    verdict $? "the packaged configuration is sound"
    [[ -z $(cd / && env -i "$work/root/usr/bin/tarsier" inspect model "$work/root/usr/share/tarsier/models/sm_v2.int8.safetensors" >/dev/null 2>"$work/log" || cat "$work/log") ]]
    verdict $? "the packaged program reads the packaged model"
    [[ $("$work/web/usr/bin/tarsier-web" --version) == "tarsier-web $(dpkg-deb -f "$package" Version | sed 's/-[^-]*$//')" ]]
    verdict $? "the page's server runs from the package, in the package's version"
fi
cmp -s systemd/tarsier.service "$work/root/lib/systemd/system/tarsier.service" || cmp -s systemd/tarsier.service "$work/root/usr/lib/systemd/system/tarsier.service"
verdict $? "the unit is the one whose exposure is checked"
cmp -s systemd/tarsier-web.service "$work/web/lib/systemd/system/tarsier-web.service" || cmp -s systemd/tarsier-web.service "$work/web/usr/lib/systemd/system/tarsier-web.service"
verdict $? "the page's unit is the one whose exposure is checked"

size=$(stat -c %s "$package")
[[ $size -le $((25 * 1024 * 1024)) ]]
verdict $? "$((size / 1024)) KiB, installed $(dpkg-deb -f "$package" Installed-Size) KiB; at most 25 MiB"
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]

# boot: systemd
# clock: real
# time-out: 600
# The page for browsers as its package installs it: inside its sandbox, on loopback, then for other machines with a token.
. /tarsier/lib.sh
. /tarsier/service-lib.sh
# http PATH [HEADER]: the answer, head and all.
http() {
    {
        printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n' "$1"
        [ -z "${2:-}" ] || printf '%s\r\n' "$2"
        printf '\r\n'
    } | socat -T 20 -,ignoreeof TCP:127.0.0.1:8277
}
# answers CODE PATH [HEADER]: for until_true and check.
answers() {
    wanted=$1
    shift
    http "$@" >$case_folder/answer && grep "^HTTP/1.1 $wanted " $case_folder/answer
}
# sends TEXT: it comes in the stream of events.
sends() { timeout 20 socat -T 20 -,ignoreeof TCP:127.0.0.1:8277 <$case_folder/ask | grep -m 1 "$1"; }
web_property() { systemctl show -P "$1" tarsier-web.service; }

begin_service
check "the package can be installed" dpkg -i /tarsier/extra/tarsier-web_*.deb
check_equal "it does not open a port of itself" \
    "$(systemctl is-enabled tarsier-web) $(systemctl is-active tarsier-web)" "disabled inactive"
check "it can be switched on" systemctl enable --now tarsier-web
check "the page comes" until_true 60 answers 200 /
check "the daemon is well" until_true 60 answers 200 /healthz
check "metrics come" answers 200 /metrics
check "and count frames" grep '^tarsier_frames_captured_total [1-9]' $case_folder/answer
printf 'GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n' >$case_folder/ask
check "results come as events" sends '^event: result'

main=$(web_property MainPID)
check "its user is made up" sh -c "[ $(stat -c %u /proc/"$main") -ge 61184 ] && [ $(stat -c %u /proc/"$main") -le 65519 ]"
check_equal "seccomp is on, capabilities are none" \
    "$(sed -nE 's/^(Seccomp|CapBnd|NoNewPrivs):\s*//p' /proc/"$main"/status | tr '\n' ' ')" "0000000000000000 1 2 "
check "it has no device but null" sh -c "! ls -l /proc/$main/fd | grep /dev/ | grep -v /dev/null"
# 8277 is 2055; 0A is the state of a socket that listens.
listening() { awk '$2 ~ /:2055$/ && $4 == "0A" { print $2 }' /proc/net/tcp /proc/net/tcp6 | tr '\n' ' '; }
check_equal "it listens on loopback alone" "$(listening)" "0100007F:2055 "
check "the runtime has nothing to complain of" sh -c "! journalctl -q -u tarsier-web.service -o cat | grep 'thread priority'"
note "$(web_property MemoryCurrent) bytes, $(web_property TasksCurrent) tasks"

systemctl stop tarsier.service tarsier.socket
check "without a daemon it says so" until_true 30 answers 503 /healthz
check "and the page still comes" answers 200 /
systemctl start tarsier.service
check "and it finds the next daemon" until_true 60 answers 200 /healthz

# As the head of the unit tells.
token=0123456789abcdef0123456789abcdef
echo $token | install -m600 /dev/stdin /etc/tarsier/web-token
mkdir -p /etc/systemd/system/tarsier-web.service.d
cat >/etc/systemd/system/tarsier-web.service.d/override.conf <<'END'
[Service]
LoadCredential=token:/etc/tarsier/web-token
Environment=TARSIER_WEB_LISTEN=0.0.0.0:8277 TARSIER_WEB_TOKEN_FILE=%d/token
END
systemctl daemon-reload
check "it takes a token and other machines" systemctl restart tarsier-web
check "who has the token is let in" until_true 60 answers 200 /metrics "Authorization: Bearer $token"
check_equal "it listens everywhere" "$(listening)" "00000000:2055 "
check "who has none is not" answers 401 /metrics
check "nor who has another" answers 401 /metrics "Authorization: Bearer 0123456789abcdef0123456789abcdee"

before=$(now_ms)
systemctl stop tarsier-web
check_at_most "milliseconds to stop" $(($(now_ms) - before)) 5000
check_equal "it ended well" "$(web_property Result)" success
check "purge" dpkg -P tarsier-web
rm -rf /etc/systemd/system/tarsier-web.service.d /etc/tarsier/web-token
systemctl daemon-reload
check_equal "nothing is left" "$(ls -d /usr/bin/tarsier-web /lib/systemd/system/tarsier-web* /etc/systemd/system/*/tarsier-web* 2>/dev/null)" ""
end_service

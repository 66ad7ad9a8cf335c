# boot: systemd
# clock: real
# time-out: 240
# A configuration that is wrong: the service stays down with 78 whoever knocks, a reload is refused, and mending it is enough.
. /tarsier/lib.sh
. /tarsier/service-lib.sh
begin_service "rate = 5"
first=$(property MainPID)
configure "raet = 5"
check "systemctl reload says what is wrong" sh -c "! systemctl reload tarsier"
check_equal "and nothing has changed" "$(property MainPID) $(property SubState)" "$first running"
check "the journal names place and remedy" sh -c "journalctl -q -u tarsier -o cat | grep 'case.conf:2: there is no setting .raet.; did you mean rate?'"

systemctl restart tarsier 2>/dev/null
check "a start fails" until_true 30 has_property Result exit-code
check_equal "with 78" "$(property ExecMainStatus)" 78
starts=$(journal | grep -c 'did you mean rate')
sleep 12
check_equal "it is not tried again" "$(property NRestarts) $(journal | grep -c 'did you mean rate')" "0 $starts"
# A client that comes back and back, as subscribers do.
timeout 20 tarsier subscribe >/dev/null 2>&1
check_at_most "and a client that knocks causes few starts" $(($(journal | grep -c 'did you mean rate') - starts)) 6
before=$(journal | grep -c 'did you mean rate')
timeout 10 tarsier subscribe >/dev/null 2>&1
check_equal "after which there are none" "$(journal | grep -c 'did you mean rate')" "$before"

configure "rate = 5"
systemctl reset-failed tarsier.service tarsier.socket
check "mended, it starts" systemctl restart tarsier
check "and answers" tarsier status
end_service

# The governor on the kernel's own sensor files: what changes in them is noticed, told with its cause, and forgiven.
# clock: real
# time-out: 900
. /tarsier/lib.sh
parameters=/sys/module/tarsier_board/parameters
put() { echo "$2" >$parameters/"$1"; }
# last_power FIELD: of the working point that was told last. The events cost nothing to read; `tarsier status` in an emulator does.
last_power() { grep -E '"type":"(hello|power)"' $events | tail -n 1 | jq -r "if .power then .power.$1 else .$1 end"; }
is() { sleep 0.5 && [ "$(last_power "$1")" = "$2" ]; }

check "the board's sensors are there" modprobe tarsier_board
start_daemon --source scene: --rate 2 --max-temperature 70
# A subscriber, so that there is work to govern.
listen
check "the work asked for, at first" until_true 60 is rate 2
tarsier status --json --socket $socket | jq .sensors >$case_folder/sensors
check_equal "the temperature is read" "$(jq .temperature_celsius $case_folder/sensors)" 48
check_equal "the battery is read" "$(jq .battery_percent $case_folder/sensors)" 90
check_equal "the supply is fine" "$(jq .undervoltage $case_folder/sensors)" 0
check "the clock is read" test "$(jq .frequency_mhz $case_folder/sensors)" -ge 600

put undervolt 1
check "under-voltage slows the work" until_true 20 is kind undervoltage
check_equal "to one thread" "$(last_power threads)" 1
check_said "and the log says so" 'power: .* under-voltage'
put undervolt 0
check "and is forgiven" until_true 400 is kind demand

put mains 0
check "on battery there is less to do" until_true 30 is rate 1.5
check_equal "because of it" "$(last_power kind)" battery
put percent 15
check "and less as it empties" until_true 30 is rate 0.5
put percent -1
check "a battery that cannot be read still counts as one" until_true 30 is rate 1.5
put mains 1
put percent 90
check "mains bring it back" until_true 30 is rate 2

put millidegrees 84000
check "heat slows the work" until_true 60 is kind heat
check_said "with both temperatures" 'power: .*84 C, limit 70 C'
check "step by step, down to the floor" until_true 120 is rate 0.5
put broken_zone 1
sleep 12
check_equal "a zone that cannot be read ends nothing" "$(last_power kind)" heat
put broken_zone 0
put millidegrees 45000
check "a cool board gets everything back" until_true 400 is rate 2
results=$(grep -c '"type":"result"' $events)
check "results came all the time" test "$results" -gt 20
note "$results results, $(grep -c '"type":"power"' $events) power events"
stop_daemon
check_equal "it ends well" $? 0
check "the sensors go" rmmod tarsier_board
finish

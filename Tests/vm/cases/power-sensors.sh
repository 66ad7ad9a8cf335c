# The governor on the kernel's own sensor files: what changes in them is noticed, told with its cause, and forgiven.
# time-out: 900
. /tarsier/lib.sh
parameters=/sys/module/tarsier_board/parameters
put() { echo "$2" >$parameters/"$1"; }
# power FIELD: of the working point now.
power() { tarsier status --json --socket $socket | jq -r ".power.$1"; }
sensor() { tarsier status --json --socket $socket | jq -r ".sensors.$1"; }
kind_is() { [ "$(power kind)" = "$1" ]; }
sensor_is() { [ "$(sensor "$1")" = "$2" ]; }
rate_is() { [ "$(power rate)" = "$1" ]; }

check "the board's sensors are there" modprobe tarsier_board
start_daemon --source scene: --rate 10 --max-temperature 70
# A subscriber, so that there is work to govern.
listen
check "the work asked for, at first" until_true 60 rate_is 10
check "the temperature is read" until_true 20 sensor_is temperature_celsius 48
check "the battery is read" sensor_is battery_percent 90
check "the clock is read" test "$(sensor frequency_mhz)" != null

put undervolt 1
check "under-voltage slows the work" until_true 20 kind_is undervoltage
check_equal "to one thread" "$(power threads)" 1
check_said "and the log says so" 'power: .* under-voltage'
put undervolt 0
check "and is forgiven" until_true 700 kind_is demand

put mains 0
check "on battery there is less to do" until_true 30 kind_is battery
check "three quarters of it" until_true 20 rate_is 7.5
put percent 15
check "and less as it empties" until_true 30 rate_is 2.5
put percent -1
check "a battery that cannot be read still counts as one" until_true 30 rate_is 7.5
put mains 1
put percent 90
check "mains bring it back" until_true 30 rate_is 10

put millidegrees 84000
check "heat slows the work" until_true 60 kind_is heat
check_said "with both temperatures" 'power: .*84 C, limit 70 C'
check "step by step, down to the floor" until_true 300 rate_is 0.5
put broken_zone 1
sleep 3
check_equal "a zone that cannot be read ends nothing" "$(power kind)" heat
put broken_zone 0
put millidegrees 45000
check "a cool board gets everything back" until_true 900 rate_is 10
results=$(grep -c '"type":"result"' $events)
check "results came all the time" test "$results" -gt 20
check "power events too" grep '"kind":"heat"' $events
stop_daemon
check_equal "it ends well" $? 0
check "the sensors go" rmmod tarsier_board
finish

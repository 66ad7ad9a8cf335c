# boot: systemd
# clock: real
# time-out: 240
# Upgrade keeps what the administrator wrote, removal stops the service, purge leaves nothing behind.
. /tarsier/lib.sh
. /tarsier/service-lib.sh
begin_service
echo "rate = 3" >>/etc/tarsier/tarsier.conf
first=$(property MainPID)
check "the same package again, as an upgrade" dpkg -i "$package"
check "the service runs again" until_true 30 has_property SubState running
check_equal "it was restarted" "$([ "$(property MainPID)" != "$first" ] && echo yes)" yes
check "the configuration is the administrator's" grep -q '^rate = 3' /etc/tarsier/tarsier.conf
check_equal "and in force" "$(tarsier status --json | jq .power.rate)" 3
check "removal" dpkg -r tarsier
check_equal "the service is gone" "$(systemctl show -P ActiveState tarsier.service)" inactive
check "the socket, too" sh -c "! test -e $service_socket"
check "the configuration stays" test -f /etc/tarsier/tarsier.conf
rm -f $drop_in
check "purge" dpkg -P tarsier
check_equal "nothing is left" "$(ls -d /etc/tarsier /usr/share/tarsier /usr/lib/tarsier /var/lib/tarsier /var/lib/private/tarsier /lib/systemd/system/tarsier* /etc/systemd/system/*/tarsier* 2>/dev/null)" ""
check "and it can be installed again" dpkg -i "$package"
rm -rf /var/lib/tarsier-models
end_service

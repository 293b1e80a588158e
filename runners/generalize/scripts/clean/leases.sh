# shellcheck shell=sh
# removes: what network managers keep of this machine's networks: DHCP leases, NetworkManager's `secret_key`, wicked's state
# why: it leaves NetworkManager's own leases, its key and wicked's
rm -rf var/lib/dhcp/* var/lib/dhclient/* var/lib/dhcpcd/* var/lib/wicked/*
cd var/lib/NetworkManager 2>/dev/null || exit 0
rm -f ./*.lease ./*.leases timestamps seen-bssids secret_key

# shellcheck shell=sh
# What ties the guest's network to the source VM: MAC addresses, persistent interface names, static addresses.
# Prints: interface_rules (list of "KIND FILE"), pinned_interfaces (list), static_networks (list), primary_address,
# vf_unmanaged.

# cloud-init writes its own network files anew on a new VM, unless somebody switched that off.
renders=no
off=
grep -qsw 'cloud-init=disabled' /proc/cmdline && off=yes
case $(bounded 20 systemctl is-enabled cloud-init-local.service) in disabled | masked) off=yes ;; esac
if [ -z "$off" ] && command -v cloud-init >/dev/null && [ ! -e /etc/cloud/cloud-init.disabled ]; then
    # network: {config: disabled}
    grep -rqsE '^[[:space:]]*(network:[[:space:]]*\{[[:space:]]*)?config:[[:space:]]*"?disabled' /etc/cloud/cloud.cfg /etc/cloud/cloud.cfg.d || renders=yes
fi

# holds FILE PATTERN: an active line of the file matches, and no later boot writes the file anew. Comments are cut off,
# but for "#" inside of quotes or words.
holds() {
    [ -f "$1" ] && grep -Ev '^[[:space:]]*[#;]' "$1" | grep -Eiq "$2" || return 1
    case $1 in
    */ifcfg-lo) return 1 ;;
    esac
    # /etc/netplan/50-cloud-init.yaml; "# Created by cloud-init on instance boot automatically, do not edit."
    [ "$renders" = yes ] || return 0
    case $1 in
    *cloud-init*) return 1 ;;
    esac
    # "# This file is generated from information provided by the datasource." in older ones
    ! grep -qE '^# *(Created by cloud-init|This file is generated from information provided by)' "$1"
}

# each FILE... PATTERN: those that hold the pattern
each() {
    for last in "$@"; do :; done
    while [ $# -gt 1 ]; do
        holds "$1" "$last" && printf '%s\n' "$1"
        shift
    done
}

look_at_rules() {
    for file in /etc/udev/rules.d/*.rules /lib/udev/rules.d/75-persistent-net-generator.rules; do
        # SUBSYSTEM=="net", ACTION=="add", ATTR{address}=="00:0d:3a:aa:bb:cc", NAME="eth0"
        if [ -f "$file" ] && grep -Eiq '^[^#]*ATTRS?\{address\}=="[0-9a-f]{2}:.*NAME=' "$file"; then
            printf 'mac %s\n' "$file"
        elif [ -s "$file" ]; then
            case $file in
            *75-persistent-net-generator.rules) printf 'generator %s\n' "$file" ;;
            esac
        fi
    done
}

mac='([0-9a-f]{2}:){5}'
look_at_pins() {
    # HWADDR=00:0D:3A:.. (Red Hat), LLADDR=.. (SUSE)
    each /etc/sysconfig/network-scripts/ifcfg-* /etc/sysconfig/network/ifcfg-* "^[[:space:]]*(HWADDR|MACADDR|LLADDR)=['\"]?$mac"
    # [ethernet] mac-address=00:0D:3A:..
    each /etc/NetworkManager/system-connections/* "^[[:space:]]*(cloned-)?mac-address[[:space:]]*=[[:space:]]*$mac"
    each /etc/netplan/*.yaml /etc/netplan/*.yml "macaddress:[[:space:]]*['\"]?$mac"
    each /etc/systemd/network/*.network /etc/systemd/network/*.link "^[[:space:]]*(Permanent)?MACAddress[[:space:]]*=[[:space:]]*$mac"
    each /etc/network/interfaces /etc/network/interfaces.d/* "^[[:space:]]*hwaddress[[:space:]].*$mac"
}

look_at_static() {
    each /etc/sysconfig/network-scripts/ifcfg-* /etc/sysconfig/network/ifcfg-* \
        "^[[:space:]]*((IPADDR|GATEWAY|DNS)[0-9]*=['\"]?[0-9a-f.:]{3}|BOOTPROTO=['\"]?static)"
    # [ipv4] method=manual, address1=10.0.0.4/24,10.0.0.1, dns=10.0.0.2;
    each /etc/NetworkManager/system-connections/* '^[[:space:]]*(method[[:space:]]*=[[:space:]]*manual|(address[0-9]+|addresses|gateway|dns)[[:space:]]*=[[:space:]]*[0-9a-f.:]{3})'
    each /etc/netplan/*.yaml /etc/netplan/*.yml '^[[:space:]]*(addresses|gateway4|gateway6):'
    each /etc/systemd/network/*.network '^[[:space:]]*(Address|Gateway|DNS)[[:space:]]*=[[:space:]]*[0-9a-f.:]{3}'
    each /etc/network/interfaces /etc/network/interfaces.d/* '^[[:space:]]*iface[[:space:]]+[^[:space:]]+[[:space:]]+inet6?[[:space:]]+static'
    each /etc/sysconfig/network/routes '^[[:space:]]*default[[:space:]]'
    each /etc/sysconfig/network/config "^[[:space:]]*NETCONFIG_DNS_STATIC_SERVERS=['\"]?[0-9a-f.:]{3}"
}

# Iface	Destination	Gateway 	Flags	..
# eth0	00000000	0100000A	0003	..
look_at_address() {
    if [ ! -r /proc/net/route ]; then
        unknown primary_address "/proc/net/route cannot be read"
        return
    fi
    nic=
    while read -r name destination _; do
        [ "$destination" != 00000000 ] || nic=${nic:-$name}
    done </proc/net/route
    if [ -z "$nic" ]; then
        absent primary_address
        return
    fi
    # 2: eth0    inet 10.0.0.4/24 brd 10.0.0.255 scope global dynamic eth0\       valid_lft 86000sec ...
    case $(bounded 20 ip -4 -o address show dev "$nic" scope global) in
    *' dynamic '*valid_lft*) fact primary_address leased ;;
    *valid_lft*) fact primary_address static ;;
    *) unknown primary_address "'ip -4 -o address show dev $nic' does not say whether the address is leased" ;;
    esac
}

look_at_rules | items interface_rules
look_at_pins | items pinned_interfaces
look_at_static | items static_networks
look_at_address
# SUBSYSTEM=="net", DRIVERS=="hv_pci", ACTION=="add", ENV{NM_UNMANAGED}="1"
if cat /etc/udev/rules.d/*.rules /lib/udev/rules.d/*.rules | grep -q '^[^#]*hv_pci.*NM_UNMANAGED'; then
    fact vf_unmanaged true
else
    fact vf_unmanaged false
fi

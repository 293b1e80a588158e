# shellcheck shell=sh
# cloud-init: whether it starts at boot, how its last run ended, and what its configuration says about provisioning.
# Prints: cloud_init_unit, cloud_init_status, cloud_init_off (list), datasources, ds_identify, installer_leftovers
# (list), network_disabled, dhcp_elsewhere, ssh_deletekeys.

folder=/etc/cloud

# `systemctl is-enabled` says `not-found`, or on stderr "... No such file or directory", where there is no such unit.
look_at_unit() {
    if ! command -v systemctl >/dev/null; then
        if [ -d "$folder" ]; then
            unknown cloud_init_unit "systemctl is not installed"
        else
            absent cloud_init_unit
        fi
        return
    fi
    state=$(bounded 20 systemctl is-enabled cloud-init-local.service 2>&1)
    state=${state##*"$newline"}
    case $state in
    not-found | *'No such file or directory'*) absent cloud_init_unit ;;
    '' | *[!a-z-]*) unknown cloud_init_unit "'systemctl is-enabled cloud-init-local.service' printed: $state" ;;
    *) fact cloud_init_unit "$state" ;;
    esac
}

# status: done
# extended_status: degraded done        since 23.4; it tells of errors from which cloud-init recovered
look_at_status() {
    if ! command -v cloud-init >/dev/null; then
        absent cloud_init_status
        return
    fi
    output=$(bounded 90 cloud-init status --long)
    code=$?
    state=$(printf '%s\n' "$output" | sed -n 's/^status: //p' | head -n 1)
    extended=$(printf '%s\n' "$output" | sed -n 's/^extended_status: //p' | head -n 1)
    case ${extended:-$state} in
    '' | *[!a-z\ -]*) unknown cloud_init_status "'cloud-init status --long' ended with $code and told no status" ;;
    *) fact cloud_init_status "${extended:-$state}" ;;
    esac
}

look_at_switches() {
    {
        [ -e "$folder/cloud-init.disabled" ] && echo "$folder/cloud-init.disabled"
        case " $(cat /proc/cmdline) " in
        *' cloud-init=disabled '*) echo 'the kernel command line' ;;
        esac
        grep -q -s '^policy:.*disabled' "$folder/ds-identify.cfg" && echo "$folder/ds-identify.cfg"
    } | {
        count=0
        while IFS= read -r line; do
            item cloud_init_off "$line"
            count=$((count + 1))
        done
        total cloud_init_off "$count"
    }
}

# The configuration's files in the order in which later ones win.
configuration() {
    for file in "$folder/cloud.cfg" "$folder"/cloud.cfg.d/*.cfg; do
        [ -f "$file" ] && printf '%s\n' "$file"
    done
}

# datasource_list: [ NoCloud, Azure, None ]     or, on lines of their own below the key:     - Azure
look_at_datasources() {
    text=
    while IFS= read -r file; do
        inside=
        while IFS= read -r line || [ -n "$line" ]; do
            case $line in
            datasource_list:*)
                inside=yes
                text=${line#*:}
                ;;
            '' | '#'*) ;;
            ' '* | '-'* | ']'*) [ -n "$inside" ] && text="$text$newline$line" ;;
            *) inside= ;;
            esac
        done <"$file"
    done <<FILES
$(configuration)
FILES
    names=$(printf '%s\n' "$text" | sed -e 's/#.*//' -e 's/^[[:space:]]*-//' | tr "[],\"'" '     ' | tr -s '[:space:]' ' ')
    names=${names# }
    names=${names% }
    case " $names " in
    '  ') absent datasources ;;
    *' Azure '*)
        set -f
        # shellcheck disable=SC2086 # a list of names
        set -- $names
        if [ $# -eq 1 ]; then fact datasources Azure; else fact datasources "Azure and $(($# - 1)) more"; fi
        set +f
        ;;
    *) fact datasources "$(printf '%s' "$names" | cut -c1-100)" ;;
    esac
}

look_at_leftovers() {
    count=0
    for name in ds-identify.cfg cloud.cfg.d/50-curtin-networking.cfg cloud.cfg.d/curtin-preserve-sources.cfg \
        cloud.cfg.d/99-installer.cfg cloud.cfg.d/subiquity-disable-cloudinit-networking.cfg; do
        if [ -e "$folder/$name" ]; then
            item installer_leftovers "$folder/$name"
            count=$((count + 1))
        fi
    done
    total installer_leftovers "$count"
}

# network: {config: disabled}     or on two lines
look_at_network() {
    found=$(configuration | while IFS= read -r file; do
        sed -n '/^network:/,/^[a-z]/p' "$file" | grep -q "config:[[:space:]]*[\"']*disabled" && printf '%s\n' "$file"
    done | tail -n 1)
    if [ -z "$found" ]; then
        absent network_disabled
        absent dhcp_elsewhere
        return
    fi
    fact network_disabled "$found"
    if [ -d /run/NetworkManager ] ||
        grep -q -s -E '^[[:space:]]*dhcp4:[[:space:]]*(true|yes)' /etc/netplan/*.yaml ||
        grep -q -s -E '^[[:space:]]*iface .* inet dhcp' /etc/network/interfaces /etc/network/interfaces.d/* ||
        grep -q -s -E '^DHCP=(yes|true|ipv4|both)' /etc/systemd/network/*.network /run/systemd/network/*.network ||
        grep -q -s -i -E '^BOOTPROTO=.?dhcp' /etc/sysconfig/network-scripts/ifcfg-* /etc/sysconfig/network/ifcfg-*; then
        fact dhcp_elsewhere true
    else
        fact dhcp_elsewhere false
    fi
}

look_at_keys() {
    value=$(configuration | while IFS= read -r file; do
        sed -n 's/^ssh_deletekeys:[[:space:]]*\([A-Za-z0-9]*\).*/\1/p' "$file"
    done | tail -n 1)
    case $value in
    '') absent ssh_deletekeys ;;
    [Ff]alse | FALSE | [Nn]o | [Oo]ff | 0) fact ssh_deletekeys false ;;
    *) fact ssh_deletekeys true ;;
    esac
}

look_at_unit
look_at_status
look_at_switches
if [ -d "$folder" ] && [ ! -x "$folder" ]; then
    for key in datasources ds_identify installer_leftovers network_disabled dhcp_elsewhere ssh_deletekeys; do
        unknown "$key" "$folder cannot be entered"
    done
else
    look_at_datasources
    identify=$(sed -n 's/^datasource:[[:space:]]*\([A-Za-z0-9]*\).*/\1/p' "$folder/ds-identify.cfg" | tail -n 1)
    if [ -n "$identify" ]; then fact ds_identify "$identify"; else absent ds_identify; fi
    look_at_leftovers
    look_at_network
    look_at_keys
fi

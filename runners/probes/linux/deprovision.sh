# shellcheck shell=sh
# What waagent's deprovisioning needs and finds: its switches as they are written, the files of the network that it
# rewrites, and whose sudo rights it would drop.
# Prints: bad_switches (list of: key, value), sudoers_accounts (list), primary_interface, primary_ifcfg, ifcfg_rewrite,
# suse_dhcp_file.

configuration=/etc/waagent.conf
[ -e "$configuration" ] || configuration=/usr/share/oem/waagent.conf

# waagent takes y and n, in either case; any other word is the default of its code, which is mostly n.
# A line looks like: Provisioning.RegenerateSshHostKeyPair=yes   # comment
look_at_switches() {
    sed -n 's/^[[:space:]]*\([A-Za-z.]*\)[[:space:]]*=\([^#]*\).*/\1 \2/p' "$configuration" | tr -d '"' | {
        count=0
        while read -r key value; do
            case $key in
            Provisioning.RegenerateSshHostKeyPair | Provisioning.DeleteRootPassword | Provisioning.MonitorHostName | \
                Provisioning.DecodeCustomData | Provisioning.ExecuteCustomData | Provisioning.AllowResetSysUser | \
                ResourceDisk.Format | ResourceDisk.EnableSwap | ResourceDisk.EnableSwapEncryption | \
                AutoUpdate.Enabled | AutoUpdate.UpdateToLatestVersion | Extensions.Enabled | OS.EnableFIPS | \
                OS.EnableFirewall | OS.EnableRDMA | OS.CheckRdmaDriver | OS.UpdateRdmaDriver | OS.AllowHTTP | \
                Logs.Verbose | Logs.Console | Logs.Collect) ;;
            *) continue ;;
            esac
            case $value in
            '' | y | Y | n | N | None) continue ;;
            esac
            item bad_switches "$key $(printf '%s' "$value" | cut -c1-40)"
            count=$((count + 1))
        done
        total bad_switches "$count"
    }
}

# azureuser ALL=(ALL) NOPASSWD: ALL
look_at_sudoers() {
    directory=$(sed -n 's/^[[:space:]]*OS\.SudoersDir[[:space:]]*=[[:space:]]*\([^#[:space:]]*\).*/\1/p' "$configuration" | tail -n 1)
    file=${directory:-/etc/sudoers.d}/waagent
    if [ -d "${file%/*}" ] && [ ! -x "${file%/*}" ]; then
        unknown sudoers_accounts "${file%/*} cannot be entered"
    elif [ ! -e "$file" ]; then
        absent sudoers_accounts
    elif [ ! -r "$file" ]; then
        unknown sudoers_accounts "$file cannot be read"
    else
        count=0
        while read -r account _ || [ -n "$account" ]; do
            case $account in
            '' | '#'* | Defaults*) continue ;;
            esac
            item sudoers_accounts "$account"
            count=$((count + 1))
        done <"$file"
        total sudoers_accounts "$count"
    fi
}

# Iface Destination Gateway  Flags RefCnt Use Metric Mask
# eth0  00000000    0100000A 0003  0      0   100    00000000
look_at_interface() {
    if [ ! -r /proc/net/route ]; then
        unknown primary_interface "/proc/net/route cannot be read"
        unknown primary_ifcfg "/proc/net/route cannot be read"
        return
    fi
    primary=
    while read -r name destination _ flags _ _ metric mask _; do
        case $destination-$mask-$flags in
        00000000-00000000-*[37BF])
            if [ -z "$primary" ] || [ "$metric" -lt "$best" ]; then
                primary=$name
                best=$metric
            fi
            ;;
        esac
    done </proc/net/route
    if [ -z "$primary" ]; then
        absent primary_interface
        absent primary_ifcfg
        return
    fi
    fact primary_interface "$primary"
    if [ -e "/etc/sysconfig/network-scripts/ifcfg-$primary" ]; then
        fact primary_ifcfg true
    else
        fact primary_ifcfg false
    fi
}

# Where the agent is written in Python: its function rewrites ifcfg-NIC without a look whether it is there, or some
# distribution's patch made it look.
look_at_rewrite() {
    found=
    for file in /usr/lib/python3*/site-packages/azurelinuxagent/common/osutil/redhat.py \
        /usr/lib/python3*/dist-packages/azurelinuxagent/common/osutil/redhat.py \
        /usr/local/lib/python3*/site-packages/azurelinuxagent/common/osutil/redhat.py \
        /usr/local/lib/python3*/dist-packages/azurelinuxagent/common/osutil/redhat.py; do
        [ -r "$file" ] || continue
        body=$(sed -n '/def set_dhcp_hostname/,/^    def [^s]/p' "$file")
        case $body in
        '') ;;
        *exists\(* | *isfile\(* | *nmcli*) found=guarded ;;
        *update_conf_file*) found=unguarded ;;
        *) found=guarded ;;
        esac
    done
    if [ -n "$found" ]; then fact ifcfg_rewrite "$found"; else absent ifcfg_rewrite; fi
}

if [ ! -e "$configuration" ]; then
    absent bad_switches
elif [ ! -r "$configuration" ]; then
    unknown bad_switches "$configuration cannot be read"
else
    look_at_switches
fi
look_at_sudoers
look_at_interface
look_at_rewrite
if [ -e /etc/sysconfig/network/dhcp ]; then fact suse_dhcp_file true; else fact suse_dhcp_file false; fi

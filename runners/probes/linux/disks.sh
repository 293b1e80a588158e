# shellcheck shell=sh
# Which disk things lie on: what fstab mounts, swap, the root file system, Azure's resource disk.
# Prints: os_disk, bare_devices (list), mounts_without_nofail (list), fstab_valid, swap_on_os_disk (list),
# resource_disk_uses (list), unread_volumes (list of "FILESYSTEM DEVICE"), ade_key_volume, root_on_lvm, lvm_devices_file.

# disks_below KERNEL_NAME: the whole disks under a device, one a line; of a logical volume those of all its parts
disks_below() (
    for parent in /sys/class/block/*/"$1"/partition; do
        if [ -e "$parent" ]; then
            parent=${parent%/*/partition}
            printf '%s\n' "${parent##*/}"
            exit
        fi
    done
    none=yes
    for part in "/sys/class/block/$1/slaves"/*; do
        if [ -e "$part" ] || [ -L "$part" ]; then
            none=
            disks_below "${part##*/}"
        fi
    done
    [ -n "$none" ] && [ -e "/sys/class/block/$1" ] && printf '%s\n' "$1"
)

# node_of SPEC: the device that UUID=2f0a..., LABEL=data or /dev/mapper/x stands for; nothing where it is not there
node_of() {
    value=$(printf '%s' "${1#*=}" | tr -d "\"'")
    case $1 in
    UUID=*) link=/dev/disk/by-uuid/$value ;;
    PARTUUID=*) link=/dev/disk/by-partuuid/$value ;;
    LABEL=*) link=/dev/disk/by-label/$value ;;
    PARTLABEL=*) link=/dev/disk/by-partlabel/$value ;;
    *) link=$1 ;;
    esac
    # Without udev there are no links.
    if [ ! -e "$link" ] && [ "$link" != "$1" ] && command -v findfs >/dev/null; then
        link=$(bounded 20 findfs "$(printf '%s' "$1" | tr -d "\"'")")
    fi
    if [ -n "$link" ] && [ -e "$link" ]; then readlink -f "$link"; fi
}

disks_of() {
    node=$(node_of "$1")
    [ -n "$node" ] && disks_below "${node##*/}" | sort -u
}

# device_of FILE: the device of the file system that a file is on: that of the longest mount point above it
device_of() {
    length=0
    below=
    while read -r device point _; do
        prefix=${point%/}/
        case $1 in
        "$prefix"*)
            if [ ${#point} -ge "$length" ]; then
                length=${#point}
                below=$device
            fi
            ;;
        esac
    done </proc/mounts
    if [ "$below" = /dev/root ]; then below=$root_device; fi
    printf '%s' "$below"
}

# is_on DISKS: whether one of them is the OS disk
is_on_os_disk() {
    for disk in $1; do
        case " $os_disks " in
        *" $disk "*) return 0 ;;
        esac
    done
    return 1
}

# UUID=2f0a-11 /data ext4 defaults,nofail 0 2
fstab() {
    [ -r /etc/fstab ] && while read -r spec point kind options _ || [ -n "$spec" ]; do
        case $spec in
        '' | '#'*) ;;
        *) printf '%s %s %s %s\n' "$spec" "$point" "$kind" "${options:-defaults}" ;;
        esac
    done </etc/fstab
}

# listed KEY: the items of a list come in as lines
listed() {
    count=0
    while IFS= read -r line; do
        item "$1" "$line"
        count=$((count + 1))
    done
    total "$1" "$count"
}

bare_devices() {
    fstab | while read -r spec point _; do
        case $spec in
        /dev/sd[a-z]* | /dev/nvme[0-9]* | /dev/vd[a-z]* | /dev/xvd[a-z]* | /dev/hd[a-z]*) printf '%s %s\n' "$point" "$spec" ;;
        esac
    done
}

mounts_without_nofail() {
    fstab | while read -r spec point kind options; do
        case $spec in
        /dev/disk/cloud/azure_resource* | /dev/sr[0-9]* | /dev/cdrom* | /dev/fd[0-9]*) continue ;;
        /dev/* | *UUID=* | *LABEL=*) ;;
        *) continue ;;
        esac
        [ "$kind" != swap ] || continue
        case ,$options, in
        *,nofail,* | *,noauto,* | *,x-systemd.automount,* | *,comment=cloudconfig,*) continue ;;
        esac
        is_on_os_disk "$(disks_of "$spec")" || printf '%s %s\n' "$point" "$spec"
    done
}

# /dev/sda3   partition 2097148 0 -2        Filename, Type, Size, Used, Priority
swap_on_os_disk() {
    {
        while read -r name kind _; do
            [ "$kind" = partition ] || [ "$kind" = file ] && printf '%s\n' "$name"
        done </proc/swaps
        fstab | while read -r spec _ kind _; do
            [ "$kind" = swap ] && printf '%s\n' "$spec"
        done
    } | while read -r name; do
        case $name in
        /dev/zram* | /zram*) continue ;;
        /dev/* | *=*) on=$(disks_of "$name") ;;
        *) on=$(disks_of "$(device_of "$name")") ;;
        esac
        is_on_os_disk "$on" && printf '%s\n' "$name"
    done | sort -u
}

# What cloud-init mounts there has comment=cloudconfig; waagent needs no line in fstab.
resource_disk_uses() {
    resource=
    for link in /dev/disk/cloud/azure_resource /dev/disk/azure/resource; do
        [ -e "$link" ] && resource=$(disks_of "$link")
    done
    [ -n "$resource" ] || return
    mounted=$(while read -r device point _; do
        case $device in
        /dev/*) [ "$(disks_of "$device")" = "$resource" ] && printf '%s\n' "$point" ;;
        esac
    done </proc/mounts | head -n 1)
    fstab | while read -r spec point kind options; do
        case ,$options, in
        *,comment=cloudconfig,*) continue ;;
        esac
        case $spec in
        /dev/disk/cloud/azure_resource*) ;;
        /dev/* | *UUID=* | *LABEL=*) [ "$(disks_of "$spec")" = "$resource" ] && printf '%s %s\n' "$point" "$kind" ;;
        "${mounted:-/nowhere}"/*) printf '%s %s\n' "$spec" "$kind" ;;
        esac
    done
}

# magic DEVICE OFFSET COUNT: bytes of a device, in hexadecimal
magic() {
    bounded 20 head -c $(($2 + $3)) "$1" | tail -c "$3" | od -An -tx1 | tr -d ' \n'
}

filesystem_on() {
    if [ -z "$(magic "$1" 0 4)" ]; then
        printf unreadable
    elif [ "$(magic "$1" 0 4)" = 58465342 ]; then
        printf xfs
    elif [ "$(magic "$1" 1080 2)" = 53ef ]; then
        printf ext
    elif [ "$(magic "$1" 3 4)" = 4e544653 ]; then
        printf ntfs
    elif [ "$(magic "$1" 65600 8)" = 5f42485266535f4d ]; then
        printf btrfs
    fi
}

is_partition() {
    for parent in /sys/class/block/*/"$1"/partition; do
        if [ -e "$parent" ]; then return 0; fi
    done
    return 1
}

# Beside the root: what no line mounts, and what the reader of the stopped disk knows on no Linux
unread_volumes() {
    named=" $(node_of "$root_device") $(fstab | while read -r spec _; do
        case $spec in /dev/* | *=*) node_of "$spec" ;; esac
    done | tr '\n' ' ') "
    for block in /sys/class/block/*; do
        name=${block##*/}
        if [ ! -d "$block/dm" ] && ! is_partition "$name"; then continue; fi
        is_on_os_disk "$(disks_below "$name")" || continue
        # In /sys a slash of the name is written as "!".
        node=/dev/$(printf '%s' "$name" | tr '!' '/')
        kind=$(filesystem_on "$node")
        case $kind in
        '') continue ;;
        unreadable) printf '?the start of %s cannot be read\n' "$node" ;;
        ext | xfs)
            case $named in
            *" $node "*) ;;
            *) printf '%s %s\n' "$kind" "$node" ;;
            esac
            ;;
        *) printf '%s %s\n' "$kind" "$node" ;;
        esac
    done
}

# findmnt asks the devices too, so it is bounded.
look_at_fstab() {
    if [ ! -e /etc/fstab ]; then
        absent fstab_valid
    elif ! findmnt --help | grep -q -e --verify; then
        unknown fstab_valid "findmnt is not installed here, or too old for --verify"
    else
        bounded 60 findmnt --verify >/dev/null
        case $? in
        0) fact fstab_valid true ;;
        1 | 32) fact fstab_valid false ;;
        *) unknown fstab_valid "'findmnt --verify' came to no end" ;;
        esac
    fi
}

# The device mapper's id of a logical volume begins with LVM-.
look_at_lvm() {
    node=$(node_of "$root_device")
    if [ -z "$os_disks" ]; then
        unknown root_on_lvm "the disk of the root file system is not known"
    else
        case $(cat "/sys/class/block/${node##*/}/dm/uuid") in
        LVM-*) fact root_on_lvm true ;;
        *) fact root_on_lvm false ;;
        esac
    fi
    if [ -d /etc/lvm ] && [ ! -x /etc/lvm ]; then
        unknown lvm_devices_file "/etc/lvm cannot be entered"
    elif [ ! -e /etc/lvm/devices/system.devices ] ||
        grep -q -s -E '^[[:space:]]*use_devicesfile[[:space:]]*=[[:space:]]*0' /etc/lvm/lvm.conf /etc/lvm/lvmlocal.conf; then
        fact lvm_devices_file false
    else
        fact lvm_devices_file true
    fi
}

root_device=
while read -r device point _; do
    [ "$point" = / ] && root_device=$device
done </proc/mounts
if [ "$root_device" = /dev/root ]; then
    root_device=$(tr ' ' '\n' </proc/cmdline | sed -n 's/^root=//p' | tail -n 1)
fi
os_disks=$(disks_of "$root_device" | tr '\n' ' ')
os_disks=${os_disks% }

if [ -n "$os_disks" ]; then
    fact os_disk "$os_disks"
else
    unknown os_disk "the root file system is on ${root_device:-no device}, which is on no disk that /sys names"
fi
if [ -e /etc/fstab ] && [ ! -r /etc/fstab ]; then
    for key in bare_devices mounts_without_nofail swap_on_os_disk resource_disk_uses unread_volumes; do
        unknown "$key" "/etc/fstab cannot be read"
    done
else
    bare_devices | listed bare_devices
    resource_disk_uses | listed resource_disk_uses
    if [ -z "$os_disks" ]; then
        unknown mounts_without_nofail "the disk of the root file system is not known"
        unknown swap_on_os_disk "the disk of the root file system is not known"
        unknown unread_volumes "the disk of the root file system is not known"
    else
        mounts_without_nofail | listed mounts_without_nofail
        if [ -r /proc/swaps ]; then
            swap_on_os_disk | listed swap_on_os_disk
        else
            unknown swap_on_os_disk "/proc/swaps cannot be read"
        fi
        if command -v od >/dev/null && command -v timeout >/dev/null; then
            unread_volumes | items unread_volumes
        else
            unknown unread_volumes "od and timeout are needed to read what is on a volume"
        fi
    fi
fi
look_at_fstab
ade=false
for sign in /dev/disk/by-label/BEK*VOLUME /mnt/azure_bek_disk/LinuxPassPhraseFileName*; do
    if [ -e "$sign" ]; then ade=true; fi
done
fact ade_key_volume "$ade"
look_at_lvm

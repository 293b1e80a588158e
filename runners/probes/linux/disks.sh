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

# The same first bytes, in the same order, as the reader of the stopped disk looks at
filesystem_on() {
    start=$(magic "$1" 0 6)
    name=$(magic "$1" 3 8)
    if [ -z "$start" ]; then
        printf unreadable
    elif [ "$start" = 4c554b53babe ] || [ "$start" = 534b554cbabe ] || [ "$name" = 2d4656452d46532d ]; then
        printf encrypted
    elif [ "${start%????}" = fc4e2ba9 ] || [ "$(magic "$1" 4096 4)" = fc4e2ba9 ]; then
        printf raid
    elif [ "$(magic "$1" 65600 8)" = 5f42485266535f4d ]; then
        printf btrfs
    elif [ "${start%????}" = 58465342 ]; then
        printf xfs
    elif [ "$(magic "$1" 1080 2)" = 53ef ]; then
        printf ext
    elif [ "$name" = 4e54465320202020 ]; then
        printf ntfs
    elif [ "$(magic "$1" 510 2)" = 55aa ] &&
        { [ "$(magic "$1" 54 3)" = 464154 ] || [ "$(magic "$1" 82 5)" = 4641543332 ]; }; then
        printf fat
    else
        case $(magic "$1" 4086 10) in
        53574150535041434532 | 535741502d5350414345) printf swap ;;
        *)
            for at in 0 512 1024 1536; do
                if [ "$(magic "$1" $at 8)" = 4c4142454c4f4e45 ]; then printf lvm; fi
            done
            ;;
        esac
    fi
}

is_partition() {
    for parent in /sys/class/block/*/"$1"/partition; do
        if [ -e "$parent" ]; then return 0; fi
    done
    return 1
}

# type_of PARTITION: what its table says: two digits of an old table, 16 bytes in hexadecimal of a GPT
type_of() {
    for parent in /sys/class/block/*/"$1"/partition; do
        [ -e "$parent" ] || continue
        number=$(cat "$parent")
        parent=${parent%/*/partition}
        table=/dev/$(printf '%s' "${parent##*/}" | tr '!' '/')
        if [ "$(magic "$table" 512 8)" = 4546492050415254 ]; then
            # The list begins in the next sector.
            magic "$table" $((896 + 128 * number)) 16
        elif [ "$number" -le 4 ]; then
            magic "$table" $((434 + 16 * number)) 1
        fi
    done
}

# is_refused POINT: whether the reader of the stopped disk mounts nothing there, whatever fstab says: the point leads
# through a symbolic link, or a mount unit has its name (var-log\x2dold.mount is for /var/log-old)
is_refused() (
    point=$(printf '%s' "$1" | sed 's,/\./,/,g; s,//*,/,g; s,\(.\)/$,\1,')
    place=$(readlink -f "$point")
    [ "${place:-$point}" = "$point" ] || exit 0
    unit=$(printf '%s' "${point#/}" | sed 's,-,\\x2d,g; s,/,-,g').mount
    for file in "/etc/systemd/system/$unit" "/etc/systemd/system/local-fs.target.wants/$unit"; do
        # A link to /dev/null masks it.
        if { [ -e "$file" ] || [ -L "$file" ]; } && [ "$(readlink "$file")" != /dev/null ]; then exit 0; fi
    done
    exit 1
)

# "DEVICE FILESYSTEM POINT" of each line of fstab that the reader of the stopped disk understands; "-" where it does
# not mount what the line names. /dev/sda2 is no name to it.
followed() {
    twice=" $(fstab | cut -d ' ' -f 2 | sort | uniq -d | tr '\n' ' ') "
    fstab | while read -r spec point kind options; do
        case $spec in
        UUID=* | LABEL=* | PARTUUID=* | PARTLABEL=* | /dev/mapper/*) ;;
        /dev/disk/by-uuid/* | /dev/disk/by-label/* | /dev/disk/by-partuuid/* | /dev/disk/by-partlabel/*) ;;
        /dev/disk/*) continue ;;
        /dev/*/*) ;;
        *) continue ;;
        esac
        case $point in /*) ;; *) continue ;; esac
        case ,$options, in *,noauto,* | *,bind,* | *,rbind,*) kind=- ;; esac
        case $twice in *" $point "*) kind=- ;; esac
        if is_refused "$point"; then kind=-; fi
        node=$(node_of "$spec")
        [ -z "$node" ] || printf '%s %s %s\n' "$node" "$kind" "$point"
    done
}

is_followed() {
    case $2 in
    ext) kinds='ext[234]|auto' ;;
    *) kinds="$2|auto" ;;
    esac
    printf '%s\n' "$lines" | grep -q -E "^$1 ($kinds) "
}

# Whether a FAT is mounted where a system starts from, and nowhere else
is_starter() {
    points=$(printf '%s\n' "$lines" | sed -n "s,^$1 [^ ]* ,,p")
    [ -n "$points" ] && ! printf '%s\n' "$points" | grep -q -v -x -E '(/boot|/boot/efi|/efi)/?'
}

# /2/040755/0/0/.//    /11/040700/0/0/lost+found//    /0/000000/0/0//0/
names_in() {
    bounded 20 debugfs -R "ls -p $2" "$1" |
        sed -n 's,^/[1-9][0-9]*/[0-7]*/[0-9]*/[0-9]*/\([^/]*\)/[0-9]*/$,\1,p' | sort | tr '\n' ' '
}

# Whether an ext4 is as mkfs makes it; not told where its journal has to be recovered
is_empty() {
    case $(magic "$1" 1120 1) in ?[4-7c-f]) return 1 ;; esac
    case $(names_in "$1" /) in
    '. .. ') return 0 ;;
    '. .. lost+found ') [ "$(names_in "$1" /lost+found)" = '. .. ' ] ;;
    *) return 1 ;;
    esac
}

is_stacked() {
    for slave in "$1"/slaves/*/dm; do
        if [ -e "$slave" ]; then return 0; fi
    done
    return 1
}

# is_looked_into BLOCK NODE FILESYSTEM: whether the reader of the stopped disk looks into it, or need not
is_looked_into() {
    case $(type_of "${1##*/}") in
    # BIOS boot, Microsoft reserved, PReP; an extended partition
    4861682149646f6e744e656564454649 | 16e3c9e35c0bb84d817df92df00215ae | 382d1a9e12c61643aa268b49521e5a8b) return 0 ;;
    05 | 0f | 85) return 0 ;;
    # EFI's own, and its extension
    28732ac11ff8d211ba4b00a0c93ec93b | ffc213bce6596242a352b275fd6f7172 | ef) [ "$3" != fat ] || return 0 ;;
    esac
    case $3 in
    swap | lvm) ;;
    ext) is_followed "$2" ext || is_empty "$2" ;;
    xfs) is_followed "$2" xfs ;;
    fat) is_starter "$2" ;;
    *) return 1 ;;
    esac
}

# Beside the root
unread_volumes() {
    root_node=$(node_of "$root_device")
    lines=$(followed)
    for block in /sys/class/block/*; do
        name=${block##*/}
        if [ ! -d "$block/dm" ] && ! is_partition "$name"; then continue; fi
        is_on_os_disk "$(disks_below "$name")" || continue
        # In /sys a slash of the name is written as "!".
        node=/dev/$(printf '%s' "$name" | tr '!' '/')
        [ "$node" != "$root_node" ] || continue
        kind=$(filesystem_on "$node")
        if [ "$kind" = unreadable ]; then
            printf '?the start of %s cannot be read\n' "$node"
        elif is_stacked "$block"; then
            printf 'stacked %s\n' "$node"
        elif ! is_looked_into "$block" "$node" "$kind"; then
            printf '%s %s\n' "${kind:-other}" "$node"
        fi
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

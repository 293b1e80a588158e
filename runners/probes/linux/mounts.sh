# shellcheck shell=sh
# Which volumes make up the system, so that a stopped disk that could not be judged is known before it matters.
# Prints: system_mounts (list of: mount point, device, file system, layer, disks).
# The layer is what the file system lies on: partition, lvm (a logical volume straight on partitions), stacked (one
# that is made of other volumes: thin, cached, mirrored, with a snapshot, on encryption or RAID), crypt, raid, bind (a
# folder of another mount), unlisted (mounted by something else than /etc/fstab), other, or unknown.

# Whether /etc/fstab mounts something on this point.
listed() {
    [ -r /etc/fstab ] || return 1
    while read -r volume place _; do
        case $volume in
        '#'*) continue ;;
        esac
        if [ "$place" = "$1" ] || [ "$place" = "$1/" ]; then
            return 0
        fi
    done </etc/fstab
    return 1
}

# The disk that a block device lies on; a partition's folder in /sys lies in its disk's.
disk_of() {
    if [ -e "$1/partition" ]; then
        disk=${1%/*}
        printf '%s' "${disk##*/}"
    else
        printf '%s' "${1##*/}"
    fi
}

# Prints layer and disks of a device by its number: lvm sda
beneath() {
    block=$(readlink -f "/sys/dev/block/$1")
    if [ ! -d "$block" ]; then
        case $1 in
        0:*) printf 'other unknown' ;;
        *) printf 'unknown unknown' ;;
        esac
        return
    fi
    layer=partition
    disks=
    case ${block##*/} in
    loop* | ram* | zram* | nbd*) layer=other ;;
    esac
    [ -d "$block/md" ] && layer=raid
    if [ -d "$block/dm" ]; then
        case $(cat "$block/dm/uuid") in
        LVM-*) layer=lvm ;;
        CRYPT-*) layer=crypt ;;
        *) layer=other ;;
        esac
    fi
    for slave in "$block"/slaves/*; do
        [ -e "$slave" ] || continue
        slave=$(readlink -f "$slave")
        if [ -d "$slave/dm" ] || [ -d "$slave/md" ]; then
            layer=stacked
        fi
        disk=$(disk_of "$slave")
        case ,$disks, in
        *",$disk,"*) ;;
        *) disks=${disks:+$disks,}$disk ;;
        esac
    done
    printf '%s %s' "$layer" "${disks:-$(disk_of "$block")}"
}

# A line looks like: 36 1 253:0 / /var rw,relatime shared:1 - xfs /dev/mapper/rootvg-varlv rw,attr2
# The fourth field is the folder of the file system that is mounted, which is not the whole one for a bind mount.
# White space in a name is written as \040, so the fields never hold any.
if [ ! -r /proc/self/mountinfo ]; then
    unknown system_mounts "/proc/self/mountinfo cannot be read"
else
    while read -r _ _ number folder point rest; do
        rest=${rest#*- }
        kind=${rest%% *}
        device=${rest#* }
        device=${device%% *}
        case $point in
        /) ;;
        /boot | /boot/efi | /efi | /opt | /srv | /tmp | /var/tmp)
            case $device in
            /dev/*) ;;
            *) continue ;;
            esac
            ;;
        /etc | /home | /root | /usr | /var | /var/lib | /var/lib/waagent | /var/log)
            # The place holder of a mount on demand; what is mounted there then has a line of its own.
            [ "$kind" = autofs ] && continue
            ;;
        *) continue ;;
        esac
        below=$(beneath "$number")
        case $point in
        / | /boot | /boot/efi | /efi | /opt | /srv) ;;
        *) listed "$point" || below="unlisted ${below#* }" ;;
        esac
        [ "$folder" = / ] || below="bind ${below#* }"
        printf '%s %s %s %s\n' "$point" "$device" "$kind" "$below"
    done </proc/self/mountinfo | {
        count=0
        while IFS= read -r line; do
            item system_mounts "$line"
            count=$((count + 1))
        done
        total system_mounts "$count"
    }
fi

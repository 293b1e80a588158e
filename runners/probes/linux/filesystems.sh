# shellcheck shell=sh
# How much room the system's file systems have, and whether they are sound.
# Prints: free_space (list of: mount point, free MiB, free percent, free percent of the inodes), root_read_only,
# filesystem_errors, check_forced.

# free_of OPTION POINT: the figures that df has, "available used"
# /dev/sda1         30309264 1234567  27534321       5% /
free_of() {
    bounded 20 df -P "$1" "$2" | tail -n 1 | {
        read -r _ _ used available _
        printf '%s %s' "$available" "$used"
    }
}

# percent AVAILABLE USED: 100 where a file system has no such limit (df shows "-" or 0)
percent() {
    if [ $(($1 + $2)) -gt 0 ]; then
        echo $(($1 * 100 / ($1 + $2)))
    else
        echo 100
    fi
}

look_at_space() {
    count=0
    for point in / /boot; do
        if [ "$point" != / ] && ! grep -q " $point " /proc/mounts; then continue; fi
        blocks=$(free_of -k "$point")
        inodes=$(free_of -i "$point")
        case $blocks in
        '' | *[!0-9\ ]* | ' '*)
            unknown free_space "df tells no free space of $point"
            return
            ;;
        esac
        case $inodes in
        '' | *[!0-9\ ]* | ' '*) inodes='0 0' ;;
        esac
        # shellcheck disable=SC2086 # two figures
        item free_space "$point $((${blocks% *} / 1024)) $(percent $blocks) $(percent $inodes)"
        count=$((count + 1))
    done
    total free_space "$count"
}

# EXT4-fs error (device sda1): ext4_lookup:1234: ...      XFS (sda2): Metadata corruption detected at ...
look_at_errors() {
    count=0
    for file in /sys/fs/ext4/*/errors_count; do
        [ -r "$file" ] && count=$((count + $(cat "$file")))
    done
    if lines=$(bounded 20 dmesg); then
        seen=$(printf '%s\n' "$lines" | grep -c -E 'EXT4-fs error|XFS \([^)]*\): .*([Cc]orruption|I/O [Ee]rror)|BTRFS (error|critical)|Remounting filesystem read-only')
        fact filesystem_errors $((count + seen))
    elif [ "$count" -gt 0 ]; then
        fact filesystem_errors "$count"
    else
        unknown filesystem_errors "dmesg does not tell the kernel's messages"
    fi
}

look_at_space
# /dev/sda1 / ext4 rw,relatime,discard,errors=remount-ro 0 0
options=$(while read -r _ point _ options _; do [ "$point" = / ] && printf '%s\n' "$options"; done </proc/mounts | tail -n 1)
case ,$options, in
,,) unknown root_read_only "/proc/mounts names no root file system" ;;
*,ro,*) fact root_read_only true ;;
*) fact root_read_only false ;;
esac
look_at_errors
case " $(cat /proc/cmdline) " in
*' fsck.mode=force '*) forced=true ;;
*) if [ -e /forcefsck ]; then forced=true; else forced=false; fi ;;
esac
fact check_forced "$forced"

# shellcheck shell=sh
# Which volumes make up the system, so that a stopped disk that could not be judged is known before it matters.
# Prints: system_mounts (list of: mount point, device, file system).

# A line looks like: /dev/sda1 / ext4 rw,relatime,discard,errors=remount-ro 0 0
# White space in a name is written as \040, so the fields never hold any.
if [ ! -r /proc/mounts ]; then
    unknown system_mounts "/proc/mounts cannot be read"
else
    while read -r device point kind _; do
        case $point in
        /) printf '%s %s %s\n' "$point" "$device" "$kind" ;;
        /boot | /boot/efi | /efi | /etc | /home | /opt | /root | /srv | /tmp | /usr | /var | /var/lib | /var/lib/waagent | /var/log | /var/tmp)
            case $device in
            /dev/*) printf '%s %s %s\n' "$point" "$device" "$kind" ;;
            esac
            ;;
        esac
    done </proc/mounts | {
        count=0
        while IFS= read -r line; do
            item system_mounts "$line"
            count=$((count + 1))
        done
        total system_mounts "$count"
    }
fi

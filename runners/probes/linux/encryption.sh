# shellcheck shell=sh
# Encrypted block devices: what device mapper decrypts now, and what carries a LUKS signature, open or not.
# Prints: encrypted_volumes (list), crypttab_entries.
# It reads /sys and the first bytes of each device itself, so that it depends neither on lsblk nor on udev's memory.

signature=$(printf 'LUKS\272\276' | od -An -tx1 | tr -d ' \n')

# Where the kernel has it in device mapper: CRYPT-LUKS2-2f0a...-osencrypt
look_at_device() {
    block=$1
    device=${block##*/}
    name=$device
    case $device in
    ram* | zram* | sr* | fd* | loop*) [ -e "$block/dm" ] || return ;;
    esac
    [ "$(cat "$block/size")" = 0 ] && return
    [ -r "$block/dm/name" ] && name=$(cat "$block/dm/name")
    if [ -e "$block/dm/uuid" ]; then
        case $(cat "$block/dm/uuid") in
        CRYPT-*) printf '%s (type crypt)\n' "$name" ; return ;;
        esac
    fi
    # In /sys a slash of the name is written as "!": cciss!c0d0p1
    node=/dev/$(printf '%s' "$device" | tr '!' '/')
    if [ ! -r "$node" ]; then
        printf '?%s cannot be read\n' "$node"
        return
    fi
    start=$(bounded 20 head -c 6 "$node" | od -An -tx1 | tr -d ' \n')
    case $start in
    "$signature") printf '%s (LUKS signature)\n' "$name" ;;
    '') printf '?the start of %s cannot be read\n' "$node" ;;
    esac
}

if [ ! -d /sys/class/block ]; then
    unknown encrypted_volumes "/sys/class/block does not exist"
elif ! command -v od >/dev/null || ! command -v timeout >/dev/null; then
    unknown encrypted_volumes "od and timeout are needed to read the signatures of block devices"
else
    for block in /sys/class/block/*; do
        [ -e "$block" ] && look_at_device "$block"
    done | {
        count=0
        while IFS= read -r line; do
            case $line in
            '?'*) unknown encrypted_volumes "${line#?}" ;;
            *)
                item encrypted_volumes "$line"
                count=$((count + 1))
                ;;
            esac
        done
        total encrypted_volumes "$count"
    }
fi

if [ ! -e /etc/crypttab ]; then
    absent crypttab_entries
elif [ ! -r /etc/crypttab ]; then
    unknown crypttab_entries "/etc/crypttab cannot be read"
else
    fact crypttab_entries "$(grep -c -v -E '^[[:space:]]*(#|$)' /etc/crypttab)"
fi

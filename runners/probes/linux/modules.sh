# shellcheck shell=sh
# Whether the kernel can load what reads the medium from which Azure provisions a new machine.
# Prints: unloadable_modules (list of: name, why).

kernel=$(uname -r)
modules=/lib/modules/$kernel

# kernel/fs/udf/udf.ko.xz: kernel/lib/crc-itu-t.ko.xz
listed() { grep -q -s -E "(^|/)$(printf '%s' "$1" | sed 's/_/[_-]/g')\\.ko" "$2"; }

# install udf /bin/true          or: blacklist udf
blocked() {
    pattern=$(printf '%s' "$1" | sed 's/_/[_-]/g')
    cat /etc/modprobe.d/*.conf /run/modprobe.d/*.conf /usr/local/lib/modprobe.d/*.conf /usr/lib/modprobe.d/*.conf \
        /lib/modprobe.d/*.conf | grep -E "^[[:space:]]*(blacklist|install)[[:space:]]+$pattern([[:space:]]|\$)" |
        grep -q -v -E -- '(-i|--ignore-install)[[:space:]]'
}

names="vfat udf cdrom sr_mod"
# The DVD of a Gen1 machine is on an IDE channel.
[ -d /sys/firmware/efi ] || names="$names ata_piix"

if [ ! -r "$modules/modules.dep" ] && [ ! -r "$modules/modules.builtin" ]; then
    unknown unloadable_modules "$modules does not say which modules kernel $kernel has"
else
    count=0
    for name in $names; do
        if listed "$name" "$modules/modules.builtin"; then
            continue
        elif blocked "$name"; then
            why=blocked
        elif listed "$name" "$modules/modules.dep"; then
            continue
        else
            why=missing
        fi
        item unloadable_modules "$name $why"
        count=$((count + 1))
    done
    total unloadable_modules "$count"
fi

# shellcheck shell=sh
# What the kernel was told at boot, and what the boot loader will tell it next time.
# Prints: root_argument, serial_console, serial_console_configured, boot_missing (list), boot_extra (list),
# nvme_timeout, efi_fallback.

# root=UUID=2f0a... is told as UUID: which one is of no matter here. A path is told as it is.
look_at_root() {
    root=$(printf '%s\n' "$words" | tr ' ' '\n' | sed -n 's/^root=//p' | tail -n 1)
    case $root in
    '') absent root_argument ;;
    UUID=* | PARTUUID=* | LABEL=* | PARTLABEL=*) fact root_argument "${root%%=*}" ;;
    *) fact root_argument "$root" ;;
    esac
}

# has earlyprintk=ttyS0: also where more follows, as in earlyprintk=ttyS0,115200
has() {
    case " $words " in
    *" $1 "* | *" $1,"*) return 0 ;;
    *) return 1 ;;
    esac
}

look_at_words() {
    count=0
    for word in "earlyprintk=$console" rootdelay=300 net.ifnames=0; do
        has "$word" && continue
        item boot_missing "$word"
        count=$((count + 1))
    done
    total boot_missing "$count"
    count=0
    for word in rhgb quiet crashkernel=auto; do
        has "$word" || continue
        item boot_extra "$word"
        count=$((count + 1))
    done
    total boot_extra "$count"
}

look_at_loader() {
    found=
    state=absent
    for file in /etc/default/grub /etc/default/grub.d/*.cfg /etc/kernel/cmdline /boot/grub/grub.cfg \
        /boot/grub2/grub.cfg /boot/loader/entries/*.conf /usr/share/oem/grub.cfg; do
        [ -r "$file" ] || continue
        state=false
        grep -q -E "^[^#]*console=$console" "$file" && found=yes
    done
    [ -z "$found" ] || state=true
    if [ "$state" = absent ]; then absent serial_console_configured; else fact serial_console_configured "$state"; fi
}

# A new machine has no boot entries in its firmware yet, so it starts \EFI\BOOT\BOOTX64.EFI (or BOOTAA64.EFI).
look_at_efi() {
    if [ ! -d /sys/firmware/efi ]; then
        absent efi_fallback
        return
    fi
    for file in /boot/efi/[Ee][Ff][Ii]/[Bb][Oo][Oo][Tt]/* /efi/[Ee][Ff][Ii]/[Bb][Oo][Oo][Tt]/* \
        /boot/[Ee][Ff][Ii]/[Bb][Oo][Oo][Tt]/*; do
        case ${file##*/} in
        [Bb][Oo][Oo][Tt][Xx]64.[Ee][Ff][Ii] | [Bb][Oo][Oo][Tt][Aa][Aa]64.[Ee][Ff][Ii])
            fact efi_fallback true
            return
            ;;
        esac
    done
    if grep -q -E '^[^ ]+ (/boot/efi|/efi|/boot) vfat ' /proc/mounts; then
        fact efi_fallback false
    else
        unknown efi_fallback "the EFI system partition is not mounted on /boot/efi, /efi or /boot"
    fi
}

case $(uname -m) in
aarch64 | arm64) console=ttyAMA0 ;;
*) console=ttyS0 ;;
esac
if [ ! -r /proc/cmdline ]; then
    for key in root_argument serial_console boot_missing boot_extra nvme_timeout; do
        unknown "$key" "/proc/cmdline cannot be read"
    done
else
    words=$(cat /proc/cmdline)
    look_at_root
    case " $words" in
    *" console=$console"*) fact serial_console true ;;
    *) fact serial_console false ;;
    esac
    look_at_words
    if has nvme_core.io_timeout=240; then fact nvme_timeout true; else fact nvme_timeout false; fi
fi
look_at_loader
look_at_efi

# shellcheck shell=sh
# The kernel that runs, the one that starts next, what that one's initramfs lacks, and whether a restart is pending.
# Prints: running_kernel, default_kernel, initramfs_missing (list), reboot_pending.

# grubby tells a path, the others are links to one: /boot/vmlinuz-6.1.0-41-cloud-amd64
default_kernel() {
    path=
    command -v grubby >/dev/null && path=$(bounded 20 grubby --default-kernel)
    for link in /vmlinuz /boot/vmlinuz /boot/image /boot/Image; do
        [ -z "$path" ] && [ -L "$link" ] && path=$(readlink "$link")
    done
    # The first entry of GRUB:        linux /boot/vmlinuz-6.6.57.1-7.azl3 root=UUID=...
    [ -n "$path" ] || path=$(sed -n 's,^[[:space:]]*linux[a-z0-9]*[[:space:]][^ ]*\(vmlinuz-[^ ]*\).*,\1,p' \
        /boot/grub2/grub.cfg /boot/grub/grub.cfg | head -n 1)
    name=${path##*/}
    case $name in
    *-*)
        printf '%s' "${name#*-}"
        return
        ;;
    esac
    # Without a loader that can be asked, the only kernel there is.
    set -- /lib/modules/*/modules.dep
    [ $# -eq 1 ] && [ -e "$1" ] && name=${1%/*} && printf '%s' "${name##*/}"
}

# built_in NAME: kernel/drivers/hv/hv_vmbus.ko is a line of the file
built_in() { grep -q -s -E "/$1\\.ko" "/lib/modules/$default/modules.builtin"; }

# The modules in the initramfs, one `hv_vmbus.ko` a line, and `ended CODE` last.
initramfs_list() {
    {
        bounded 120 "$lister" "$image"
        echo "ended $?"
    } | grep -o -E '(hv_vmbus|hv_storvsc|hv_netvsc|nvme|nvme[-_]core)\.ko|^ended [0-9]+$' | tr '-' '_' | sort -u
}

look_at_initramfs() {
    needed=
    for module in hv_vmbus hv_storvsc hv_netvsc nvme nvme_core; do
        built_in "$(printf '%s' "$module" | sed 's/_/[_-]/g')" || needed="$needed $module"
    done
    if [ -z "$needed" ]; then
        total initramfs_missing 0
        return
    fi
    image=
    for file in "/boot/initrd.img-$default" "/boot/initramfs-$default.img" "/boot/initrd-$default" \
        "/boot/initrd-$default.img"; do
        [ -e "$file" ] && image=$file
    done
    lister=
    for tool in lsinitrd lsinitramfs; do
        command -v "$tool" >/dev/null && lister=$tool
    done
    if [ -z "$image" ]; then
        unknown initramfs_missing "no initramfs of kernel $default was found in /boot"
    elif [ -z "$lister" ]; then
        unknown initramfs_missing "neither lsinitramfs nor lsinitrd is installed, so $image can't be looked into"
    else
        list=$(initramfs_list)
        case $list in
        *'ended 0'*) tell_missing ;;
        *) unknown initramfs_missing "'$lister $image' failed: $(printf '%s\n' "$list" | grep '^ended')" ;;
        esac
    fi
}

tell_missing() {
    count=0
    for module in $needed; do
        if ! printf '%s\n' "$list" | grep -q "^$module\\.ko\$"; then
            item initramfs_missing "$module"
            count=$((count + 1))
        fi
    done
    total initramfs_missing "$count"
}

# needs-restarting -r ends with 1, zypper needs-rebooting with 102 where a restart is needed.
look_at_reboot() {
    if [ -e /run/reboot-required ] || [ -e /run/reboot-needed ]; then
        fact reboot_pending true
        return
    fi
    if command -v needs-restarting >/dev/null; then
        tool='needs-restarting -r'
        bounded 60 needs-restarting -r >/dev/null
        code=$?
    elif command -v zypper >/dev/null; then
        tool='zypper needs-rebooting'
        bounded 60 zypper --non-interactive needs-rebooting >/dev/null
        code=$?
    elif command -v rpm >/dev/null; then
        unknown reboot_pending "neither needs-restarting nor zypper is installed"
        return
    else
        fact reboot_pending false
        return
    fi
    case $code in
    0) fact reboot_pending false ;;
    1 | 102) fact reboot_pending true ;;
    *) unknown reboot_pending "'$tool' ended with $code" ;;
    esac
}

fact running_kernel "$(uname -r)"
default=$(default_kernel)
if [ -z "$default" ]; then
    unknown default_kernel "neither grubby nor a link /vmlinuz or /boot/vmlinuz says which kernel starts next"
    unknown initramfs_missing "it is not known which kernel starts next"
else
    fact default_kernel "$default"
    look_at_initramfs
fi
look_at_reboot

#!/bin/sh
# Make the freshly installed system an Azure-like one, not booted yet. Called by mmdebstrap as a customize hook.
# $1: root of the new system. $2: this recipe. $3: folder with the files made for this build (user-data).
set -eu
root=$1 recipe=$2 made=$3

# The agent's folder as it is when Azure hands a VM its provisioning data; the first boot does the rest.
install -d -m 0700 "$root/var/lib/waagent"
install -m 0600 "$recipe/ovf-env.xml" "$root/var/lib/waagent/ovf-env.xml"

install -d -m 0755 "$root/var/lib/cloud/seed/nocloud"
install -m 0600 "$made/user-data" "$root/var/lib/cloud/seed/nocloud/user-data"
echo 'instance-id: sealproof-debian-1' >"$root/var/lib/cloud/seed/nocloud/meta-data"
install -m 0644 "$recipe/cloud.cfg" "$root/etc/cloud/cloud.cfg.d/90-sealproof.cfg"

# The order of Azure's own images: the root partition first, a mounted EFI partition beside it.
cat >"$root/etc/fstab" <<'FSTAB'
LABEL=root / ext4 rw,discard,errors=remount-ro 0 1
LABEL=EFI /boot/efi vfat umask=0077,noauto 0 0
FSTAB
install -d "$root/boot/efi"
echo sealproof-debian >"$root/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 sealproof-debian\n' >"$root/etc/hosts"
echo 'nameserver 168.63.129.16' >"$root/etc/resolv.conf"
: >"$root/etc/machine-id"

# Nothing of the building host goes into the image: neither its package sources nor its apt options.
rm -rf "$root"/etc/apt/sources.list.d/* "$root"/etc/apt/apt.conf.d/99mmdebstrap "$root"/etc/apt/auth.conf.d/*
echo '# deb http://deb.debian.org/debian bookworm main' >"$root/etc/apt/sources.list"

# Software emulation is slow: whatever wakes up on its own and serves no test stays off.
systemd() { chroot "$root" systemctl --quiet "$@"; }
systemd enable systemd-networkd.service
systemd mask systemd-networkd-wait-online.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
    e2scrub_all.timer e2scrub_reap.service fstrim.timer systemd-tmpfiles-clean.timer

# Azure's agent starts last. So does the one that stands in for it: whoever answers has booted.
install -d "$root/etc/systemd/system/qemu-guest-agent.service.d"
printf '[Unit]\nAfter=multi-user.target cloud-init.target walinuxagent.service\n' \
    >"$root/etc/systemd/system/qemu-guest-agent.service.d/after-boot.conf"

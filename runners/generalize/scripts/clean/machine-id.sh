# shellcheck shell=sh
# removes: the machine id: empties `/etc/machine-id`, removes D-Bus's copy
# why: it does so on Arch and Flatcar only
# An empty file and not none: systemd can mount an id over it where the root is read-only at the first boot.
: >etc/machine-id
[ -L var/lib/dbus/machine-id ] || rm -f var/lib/dbus/machine-id

# shellcheck shell=sh
# Whether the machine's ids are set. The ids themselves stay in the guest.
# Prints: machine_id, dbus_machine_id.

look_at_id() {
    if [ ! -e "$2" ]; then
        absent "$1"
    elif [ ! -r "$2" ]; then
        unknown "$1" "$2 cannot be read"
    else
        case $(head -c 100 "$2" | tr -d '[:space:]') in
        '') fact "$1" empty ;;
        uninitialized) fact "$1" uninitialized ;;
        *) fact "$1" 'set' ;;
        esac
    fi
}

look_at_id machine_id /etc/machine-id
if [ -L /var/lib/dbus/machine-id ]; then
    fact dbus_machine_id link
else
    look_at_id dbus_machine_id /var/lib/dbus/machine-id
fi

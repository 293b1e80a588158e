# shellcheck shell=sh
# Whether the machine's ids are set; they stay in the guest. And the UUID that the firmware has for this machine, which
# is no secret.
# Prints: machine_id, dbus_machine_id, system_uuid.

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

# 8d3f0c52-4c1e-4b57-9a26-5f6f5a1c1001; root alone may read it
uuid=/sys/class/dmi/id/product_uuid
if [ ! -e "$uuid" ]; then
    absent system_uuid
else
    value=$(head -c 100 "$uuid" | tr -d '[:space:]')
    if [ -n "$value" ]; then fact system_uuid "$value"; else unknown system_uuid "$uuid cannot be read, or is empty"; fi
fi

# shellcheck shell=sh
# The SSH server, by its own word: whether its configuration is sound, whether it starts at boot, and how it lets in.
# Prints: sshd_configuration, sshd_at_boot, sshd_alive_interval, sshd_root_login, sshd_empty_passwords,
# sshd_key_folders (list).

sshd=
for candidate in "$(command -v sshd)" /usr/sbin/sshd /usr/local/sbin/sshd; do
    if [ -n "$candidate" ] && [ -x "$candidate" ]; then
        sshd=$candidate
        break
    fi
done

look_at_configuration() {
    output=$(bounded 20 "$sshd" -t 2>&1)
    code=$?
    last=$(printf '%s\n' "$output" | tail -n 1)
    case $code:$last in
    # Where systemd starts it on demand, its folder in /run comes with the first connection. It is looked for last.
    0:* | *'Missing privilege separation directory'*) fact sshd_configuration ok ;;
    *) fact sshd_configuration "${last:-'sshd -t' ended with $code}" ;;
    esac
}

# -G, of newer versions, needs no host keys.
# clientaliveinterval 120
look_at_settings() {
    settings=$(bounded 20 "$sshd" -T || bounded 20 "$sshd" -G)
    for pair in sshd_alive_interval:clientaliveinterval sshd_root_login:permitrootlogin sshd_empty_passwords:permitemptypasswords; do
        value=$(printf '%s\n' "$settings" | sed -n "s/^${pair##*:} //p" | head -n 1)
        if [ -n "$value" ]; then
            fact "${pair%%:*}" "$value"
        else
            unknown "${pair%%:*}" "'$sshd -T' printed no ${pair##*:}"
        fi
    done
    # hostkey /etc/ssh/ssh_host_ed25519_key
    folders=$(printf '%s\n' "$settings" | sed -n 's,^hostkey \(.*\)/[^/]*$,\1,p' | sort -u)
    if [ -n "$folders" ]; then
        printf '%s\n' "$folders" | items sshd_key_folders
    else
        unknown sshd_key_folders "'$sshd -T' printed no hostkey"
    fi
}

# One line a unit that exists; "alias" is a second name of an enabled one, "generated" one of an init script.
look_at_boot() {
    if ! command -v systemctl >/dev/null; then
        unknown sshd_at_boot "systemctl is not installed"
        return
    fi
    states=$(bounded 20 systemctl is-enabled ssh.service sshd.service ssh.socket sshd.socket 2>&1)
    if printf '%s\n' "$states" | grep -Eq '^(enabled|enabled-runtime|alias|generated)$'; then
        fact sshd_at_boot true
    elif printf '%s\n' "$states" | grep -Eq '^(disabled|masked|static|indirect|not-found)$|No such file or directory'; then
        fact sshd_at_boot false
    else
        unknown sshd_at_boot "'systemctl is-enabled ssh.service sshd.service ...' printed: $(printf '%s\n' "$states" | tail -n 1)"
    fi
}

if [ -z "$sshd" ]; then
    for key in sshd_configuration sshd_at_boot sshd_alive_interval sshd_root_login sshd_empty_passwords sshd_key_folders; do
        absent "$key"
    done
elif ! command -v timeout >/dev/null; then
    for key in sshd_configuration sshd_at_boot sshd_alive_interval sshd_root_login sshd_empty_passwords sshd_key_folders; do
        unknown "$key" "timeout is not installed, and sshd is not started without it"
    done
else
    look_at_configuration
    look_at_settings
    look_at_boot
fi

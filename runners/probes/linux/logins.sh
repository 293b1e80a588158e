# shellcheck shell=sh
# Who can log in: accounts with a password or a key, second roots, sudo's odd rule, sessions that are open now.
# Prints: login_accounts (list of "ACCOUNT WAYS"), root_twins (list), sudo_targetpw, open_sessions (list of accounts).
# A password field is only looked at, never printed.

minimum=$(sed -n 's/^[[:space:]]*UID_MIN[[:space:]][[:space:]]*\([0-9][0-9]*\).*$/\1/p' /etc/login.defs | tail -n 1)

# An empty field lets everybody in; a hash behind "!" lets nobody in, and is in the image all the same.
has_password() {
    while IFS=: read -r name field _ || [ -n "$name" ]; do
        [ "$name" = "$1" ] || continue
        case $field in
        '' | *'$'*) return 0 ;;
        esac
        while :; do
            case $field in
            '!'* | '*'*) field=${field#?} ;;
            *) break ;;
            esac
        done
        [ ${#field} -ge 13 ]
        return
    done </etc/shadow
    return 1
}

has_key() { grep -qs '^[[:space:]]*[^#[:space:]]' "$1/.ssh/authorized_keys" "$1/.ssh/authorized_keys2"; }

# azureuser:x:1000:1000::/home/azureuser:/bin/bash
look_at_accounts() {
    if [ ! -r /etc/passwd ] || [ ! -r /etc/shadow ]; then
        echo '?/etc/passwd or /etc/shadow cannot be read'
        return
    fi
    while IFS=: read -r account _ uid _ _ home shell || [ -n "$account" ]; do
        case $uid in '' | *[!0-9]*) continue ;; esac
        [ "$uid" -ge "${minimum:-1000}" ] || continue
        case $shell in */nologin | */false | */sync) continue ;; esac
        ways=
        has_password "$account" && ways=password
        has_key "$home" && ways=${ways:+$ways,}key
        [ -z "$ways" ] || printf '%s %s\n' "$account" "$ways"
    done </etc/passwd
}

look_at_twins() {
    if [ ! -r /etc/passwd ]; then
        echo '?/etc/passwd cannot be read'
        return
    fi
    while IFS=: read -r account _ uid _ || [ -n "$account" ]; do
        [ "$uid" != 0 ] || [ "$account" = root ] || printf '%s\n' "$account"
    done </etc/passwd
}

# Defaults targetpw   # ask for the password of the target user i.e. root
look_at_sudo() {
    sudoers=/etc/sudoers
    [ -e "$sudoers" ] || sudoers=/usr/etc/sudoers
    if [ ! -e "$sudoers" ]; then
        absent sudo_targetpw
    elif [ ! -r "$sudoers" ]; then
        unknown sudo_targetpw "$sudoers cannot be read"
    elif cat "$sudoers" /etc/sudoers.d/* | grep -Eq '^[[:space:]]*Defaults[[:space:]]+([^#]*,[[:space:]]*)?targetpw'; then
        fact sudo_targetpw true
    else
        fact sudo_targetpw false
    fi
}

# logind has a file of KEY=VALUE lines for each session, and a pipe beside it (ID.ref). Our own session, if we have
# one, is in the name of our control group: 0::/user.slice/user-1000.slice/session-3.scope
look_at_sessions() {
    if [ ! -d /run/systemd/sessions ]; then
        if command -v who >/dev/null; then who | sed 's/ .*//'; else echo '?neither logind nor who can tell of sessions'; fi
        return
    fi
    own=$(sed -n 's,.*/session-\([^/.]*\)\.scope.*,\1,p' /proc/self/cgroup | head -n 1)
    for file in /run/systemd/sessions/*; do
        if [ ! -f "$file" ] || [ "${file##*/}" = "$own" ]; then continue; fi
        grep -q '^CLASS=user$' "$file" && ! grep -q '^STATE=closing$' "$file" && sed -n 's/^USER=//p' "$file"
    done
}

look_at_accounts | items login_accounts
look_at_twins | items root_twins
look_at_sudo
look_at_sessions | items open_sessions

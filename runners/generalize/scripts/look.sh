# shellcheck shell=sh
# What the guest sees of itself after it was sealed and before it powers off, where nobody may read its disk. It only
# reads; of secrets it tells that they are there. Paths have no leading slash: it runs in the root of the system, and in
# tests in some other folder.

# names FOLDER [START]: the names in a folder that begin with START, one a line
names() {
    for path in "$1"/"$2"* "$1"/."$2"[!.]*; do
        [ -e "$path" ] || [ -L "$path" ] || continue
        case ${path##*/} in "$2"* | .*) printf '%s\n' "${path##*/}" ;; esac
    done
}

# folder KEY FOLDER [START]: its names as a list; absent where there is no such folder
folder() {
    if [ ! -d "$2" ]; then
        absent "$1"
    elif [ ! -r "$2" ] || [ ! -x "$2" ]; then
        unknown "$1" "/$2 cannot be read"
    else
        names "$2" "$3" | sort | items "$1"
    fi
}

# azureuser:x:1000:1000::/home/azureuser:/bin/bash    sudo:x:27:azureuser    sudo:!:admin:azureuser
named() {
    cut -d : -f 1 "etc/$1"
    case $1 in
    group) cut -d : -f 4 "etc/$1" | tr ',' '\n' ;;
    gshadow) cut -d : -f 3,4 "etc/$1" | tr ',' '\n' | tr ':' '\n' ;;
    esac
}

look_at_accounts() {
    [ -r etc/passwd ] || { echo '?/etc/passwd cannot be read'; return; }
    for file in passwd shadow group gshadow subuid subgid; do
        [ -e "etc/$file" ] || continue
        [ -r "etc/$file" ] || { echo "?/etc/$file cannot be read"; return; }
        named "$file" | grep . | sort -u | sed "s|\$| /etc/$file|"
    done
}

# UID_MIN                  1000
limit() { sed -n "s/^[[:space:]]*$1[[:space:]]\{1,\}\([0-9]\{1,9\}\)[[:space:]]*\$/\1/p" etc/login.defs | tail -n 1; }

look_at_people() {
    least=$(limit UID_MIN)
    most=$(limit UID_MAX)
    # A wider range finds more, so useradd's own limits are never narrowed.
    if [ "${least:-1000}" -gt 1000 ] || [ -z "$least" ]; then least=1000; fi
    if [ "${most:-60000}" -lt 60000 ] || [ -z "$most" ]; then most=60000; fi
    root=
    while IFS=: read -r account _ uid _ || [ -n "$account" ]; do
        case $account in '' | [-+#]*) continue ;; esac
        case $uid in '' | *[!0-9]*) echo '?a line of /etc/passwd is damaged'; return ;; esac
        if [ "$uid" -eq 0 ] && [ "$account" = root ]; then
            root=yes
        elif [ "$uid" -eq 0 ]; then
            echo "$account"
        elif [ "$uid" -ge "$least" ] && [ "$uid" -le "$most" ] && [ "$uid" -ne 65534 ]; then
            echo "$account"
        fi
    done <etc/passwd
    [ -n "$root" ] || echo '?/etc/passwd names no root, so it is no whole file'
}

# A field is classified here and never printed, as the probe `accounts` does it: a hash behind a lock is a hash.
kind_of() {
    rest=$1
    [ -n "$rest" ] || { kind=empty; return; }
    while :; do case $rest in '!'* | '*'*) rest=${rest#?} ;; *) break ;; esac done
    kind=locked
    case $rest in *'$'*) kind='hash' ;; esac
    [ "${#rest}" -lt 13 ] || kind='hash'
}

# passwords KEY FILE: "ACCOUNT KIND" of every line; unknown where a line has not the nine fields of a shadow file
passwords() {
    if [ ! -e "$2" ]; then
        absent "$1"
    elif [ ! -r "$2" ]; then
        unknown "$1" "/$2 cannot be read"
    elif grep . "$2" | grep -v -q '^[^:]\{1,\}\(:[^:]*\)\{8\}$'; then
        unknown "$1" "a line of /$2 has not the nine fields of a shadow file"
    else
        grep . "$2" | while IFS=: read -r account field _; do
            kind_of "$field"
            echo "$account $kind"
        done | items "$1"
    fi
}

look_at_id() {
    if [ ! -e "$2" ]; then
        absent "$1"
    elif [ ! -r "$2" ]; then
        unknown "$1" "/$2 cannot be read"
    else
        case $(head -c 100 "$2" | tr -d '[:space:]') in
        '') fact "$1" empty ;;
        uninitialized) fact "$1" uninitialized ;;
        *) fact "$1" 'set' ;;
        esac
    fi
}

homes() {
    cut -d : -f 6 etc/passwd
    for home in home/*; do
        [ -d "$home" ] || continue
        printf '/%s\n' "$home"
        # /home/example.com/jdoe: of an account of a directory
        cut -d : -f 6 etc/passwd | sed 's|/*$||' | grep -Fqx -e "/$home" && continue
        for below in "$home"/*; do [ ! -d "$below" ] || printf '/%s\n' "$below"; done
    done
}

look_at_histories() {
    [ -r etc/passwd ] || { echo '?/etc/passwd cannot be read'; return; }
    homes | sed 's|/*$||' | grep '^/.' | sort -u | while IFS= read -r home; do
        [ -d ".$home" ] || continue
        if [ ! -r ".$home" ] || [ ! -x ".$home" ]; then echo "?$home cannot be read"; continue; fi
        for file in ".$home"/.*sh_history ".$home"/.history; do
            if [ -f "$file" ] && [ -s "$file" ]; then printf '%s\n' "${file#.}"; fi
        done
    done
}

folder agent_folder var/lib/waagent ''
# ERROR MainThread Failed to run 'deprovision+user': [Errno 2] No such file or directory
failure=$(grep -m 1 "Failed to run 'deprovision" var/log/waagent.log | cut -c1-300)
if [ -n "$failure" ]; then
    fact agent_log_failure "$failure"
elif [ -e var/log/waagent.log ] && [ ! -r var/log/waagent.log ]; then
    unknown agent_log_failure '/var/log/waagent.log cannot be read'
else
    absent agent_log_failure
fi
look_at_accounts | items account_files
if [ -r etc/passwd ]; then look_at_people | items human_accounts; else unknown human_accounts '/etc/passwd cannot be read'; fi
if [ -d home ]; then names home '' | grep -v '^lost+found$' | sort | items homes; else absent homes; fi
passwords password_fields etc/shadow
passwords password_backup_fields etc/shadow-
look_at_id machine_id etc/machine-id
if [ -L var/lib/dbus/machine-id ]; then
    fact dbus_machine_id link
else
    look_at_id dbus_machine_id var/lib/dbus/machine-id
fi
if [ -e etc/hostname ]; then fact hostname "$(head -c 253 etc/hostname)"; else absent hostname; fi
folder host_keys etc/ssh ssh_host_
look_at_histories | items shell_histories
folder cloud_instances var/lib/cloud/instances ''

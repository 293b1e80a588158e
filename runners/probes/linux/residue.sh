# shellcheck shell=sh
# What deprovisioning may leave behind: whether it is there, and how much of it; names of accounts and files, no content.
# Prints: host_keys, shell_histories (list of "ACCOUNT FILE"), backup_hashes, cloud_instances,
# cloud_user_data, cloud_seed, cloud_hostname, authorized_keys (list of "ACCOUNT FINGERPRINT"), private_keys,
# credentials, tool_histories and ssh_peers (lists of "ACCOUNT FILE"), copied_hashes, crontabs (list of accounts), lease_files, log_files,
# temporary_files, cloud_init_tool.

# count PATH...: how many of the paths exist; a pattern without a match does not
count() {
    number=0
    for path; do
        if [ -e "$path" ]; then number=$((number + 1)); fi
    done
    printf '%s' "$number"
}

owned() { cut -d : -f 6 /etc/passwd | sed 's|/*$||' | grep -Fqx -e "$1"; }

# below FOLDER DEPTH: what may be a home of a directory's account, as the reader of the stopped disk looks for them: one
# folder down, and as far as there are only folders
below() (
    if [ ! -d "$1" ] || [ -L "$1" ] || owned "$1"; then exit; fi
    folders=0
    for item in "$1"/*; do
        if [ -d "$item" ]; then folders=$((folders + 1)); fi
    done
    if [ "$folders" -eq 0 ]; then exit; fi
    if [ "$2" -gt 1 ] && [ "$folders" -lt "$(find "$1/." ! -name . -prune -print | wc -l)" ]; then exit; fi
    if [ "$2" -gt 5 ]; then
        printf '?:below %s lies more than is searched for homes\n' "$1"
        exit
    fi
    for item in "$1"/*; do
        if [ -d "$item" ]; then
            printf '%s\n' "$item"
            below "$item" $(($2 + 1))
        fi
    done
)

# Where homes are made: HOME=/srv/homes    DHOME=/home    override_homedir = /homes/%d/%u    template homedir = /home/%D/%U
places() {
    echo /home
    sed -n -E 's,^[[:blank:]]*(D?HOME|(fallback|override)_homedir|homedir_substring|template homedir)[[:blank:]]*=[[:blank:]]*"?(/[^[:space:]%"]*)(%?).*,\4\3,p' \
        /etc/default/useradd /etc/adduser.conf /etc/sssd/sssd.conf /etc/sssd/conf.d/*.conf /etc/samba/smb.conf |
        sed -e 's,^%\(.*\)/[^/]*$,\1,' -e 's,/$,,' | sort -u | while IFS= read -r place; do
        case $place in
        '' | /home | /var/lib) ;;
        /var/lib/* | /var/www*) printf '%s\n' "$place" ;;
        /bin | /bin/* | /sbin | /sbin/* | /usr | /usr/* | /dev | /dev/* | /proc | /proc/* | /sys | /sys/* | /run | /run/*) ;;
        /boot | /boot/* | /etc | /etc/* | /tmp | /tmp/* | /nonexistent | /nonexistent/* | /var | /var/*) ;;
        *) printf '%s\n' "$place" ;;
        esac
    done
}

# Homes of accounts, each once (operator has root's on Red Hat), and what removed accounts left where homes are made:
# "-" is in /home or a folder there, "+" further down or elsewhere, where no key of `clean` comes.
homes() {
    cut -d : -f 1,6 /etc/passwd
    places | while IFS= read -r place; do
        for home in "$place"/*; do
            [ -d "$home" ] || continue
            printf '%s\n' "$home"
            below "$home" 1
        done
    done | while IFS= read -r home; do
        case $home in
        '?'*) printf '%s\n' "$home" ;;
        /home/*/*/*) printf '+:%s\n' "$home" ;;
        /home/*) printf -- '-:%s\n' "$home" ;;
        *) printf '+:%s\n' "$home" ;;
        esac
    done
}

look_at_histories() {
    number=0
    seen=:
    while IFS=: read -r account home; do
        if [ "$account" = '?' ]; then
            unknown shell_histories "$home"
            return
        fi
        case $home in /?*) ;; *) continue ;; esac
        home=${home%/}
        case $seen in *":$home:"*) continue ;; esac
        seen=$seen$home:
        [ -d "$home" ] || continue
        if [ ! -x "$home" ] || [ ! -r "$home" ]; then
            unknown shell_histories "$home cannot be read"
            return
        fi
        for file in "$home"/.*sh_history "$home"/.history; do
            if [ ! -f "$file" ] || [ ! -s "$file" ]; then continue; fi
            number=$((number + 1))
            [ "$number" -gt 100 ] || item shell_histories "$account ${file##*/}"
        done
    done <<EOF
$(homes)
EOF
    total shell_histories "$number"
}

# A hash has a "$", or the 13 characters of the oldest form behind whatever locks it.
look_at_backup() {
    if [ ! -e /etc/shadow- ]; then
        absent backup_hashes
    elif [ ! -r /etc/shadow- ]; then
        unknown backup_hashes "/etc/shadow- cannot be read"
    else
        fact backup_hashes "$(cut -d : -f 2 /etc/shadow- | sed 's/^[!*]*//' | grep -c -e '[$]' -e '.............')"
    fi
}

# Each home once: "ACCOUNT:HOME:PREFIX"; what is in a home of nobody is told with its whole path
each_home() {
    seen=:
    homes | while IFS=: read -r account home; do
        case $home in /?*) ;; *) continue ;; esac
        home=${home%/}
        case $seen in *":$home:"*) continue ;; esac
        seen=$seen$home:
        case $account in [-+]) prefix=$home/ ;; *) prefix= ;; esac
        [ ! -d "$home" ] || printf '%s:%s:%s\n' "$account" "$home" "$prefix"
    done
}

# The lines of a key file that let somebody in: cloud-init gives root one that only tells to log in as somebody else.
letting_in() { grep '^[[:space:]]*[^#[:space:]]' "$1" | grep -v 'Please login as the user'; }

# Where sshd looks for keys that let somebody in: the usual two, and what it is told
key_places() {
    printf '%s\n' .ssh/authorized_keys .ssh/authorized_keys2
    # AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/keys/%u
    for file in /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf /usr/etc/ssh/sshd_config; do
        grep -i '^[[:space:]]*AuthorizedKeysFile[[:space:]=]' "$file" | sed 's/^[[:space:]]*[A-Za-z]*[[:space:]=]*//'
    done | tr -s '[:space:]' '\n' | sed -e 's/%%/%/g' -e 's/^"*//' -e 's/"*$//' | grep . | grep -ivx none
}

# by_name PATTERN ACCOUNT HOME: "ACCOUNT:FILE" of the files that sshd finds by an account's name, those of ACCOUNT in HOME
by_name() (
    start=${1%%%u*}
    rest=${1#*%u}
    IFS=
    # shellcheck disable=SC2046,SC2231 # it is a pattern
    for file in "$start"*$(printf '%s' "$rest" | sed 's/%u/*/g'); do
        name=${file#"$start"}
        case $rest in /*) name=${name%%/*} ;; *) name=${name%"$rest"} ;; esac
        if [ -n "$name" ] && [ "$name" = "$2" ]; then
            in_home "$2" "$3" "$file"
        elif cut -d : -f 1 /etc/passwd | grep -Fqx -e "$name"; then
            printf '=%s:%s\n' "$name" "$file"
        else
            printf -- '-:%s\n' "$file"
        fi
    done
)

# in_home ACCOUNT HOME FILE: "ACCOUNT:FILE", or "=ACCOUNT:FILE" where it stays though the account goes, or root's .ssh
in_home() {
    case $1:$3 in
    [-+]:* | "root:$2/.ssh/"*) printf '%s:%s\n' "$1" "$3" ;;
    root:*) printf '=root:%s\n' "$3" ;;
    *:"$2"/*) printf '%s:%s\n' "$1" "$3" ;;
    *) printf '=%s:%s\n' "$1" "$3" ;;
    esac
}

key_files() {
    words=$(key_places | sort -u)
    printf '%s\n' "$words" | while IFS= read -r word; do
        case $word in
        *%h*) ;;
        /*%u*) by_name "$word" '' '' ;;
        /*) printf -- '-:%s\n' "$word" ;;
        esac
    done
    each_home | while IFS=: read -r account home prefix; do
        while IFS= read -r word; do
            case $word in
            *%h*) path=${word%%%h*}$home${word#*%h} ;;
            /*) continue ;;
            *) path=$home/$word ;;
            esac
            case $path in
            *%u*) by_name "$path" "$account" "$home" ;;
            *) in_home "$account" "$home" "$path" ;;
            esac
        done <<EOF
$words
EOF
    done
}

look_at_authorized_keys() {
    key_files | sort -u | while IFS=: read -r account file; do
        if [ ! -f "$file" ] || [ ! -s "$file" ]; then continue; fi
        if [ ! -r "$file" ]; then
            echo "?$file cannot be read"
            continue
        fi
        lines=$(letting_in "$file" | grep -c .)
        keys=$(letting_in "$file" | bounded 10 ssh-keygen -lf - |
            sed -n 's/^[0-9][0-9]* \(SHA256:[A-Za-z0-9+/]*\) .*/\1/p')
        for key in $keys; do
            printf '%s %s\n' "$account" "$key"
            lines=$((lines - 1))
        done
        [ "$lines" -le 0 ] || printf '%s -\n' "$account"
    done | head -n 100
}

# private FILE...: those that are private keys, by their name or place, or by what is in them
private() {
    for file; do
        shift
        if [ ! -f "$file" ] || [ ! -s "$file" ]; then continue; fi
        case ${file##*/} in
        ssh_host_* | *.pub | authorized_keys | authorized_keys2 | known_hosts | known_hosts.old | config | moduli) continue ;;
        *.p12 | *.pfx | *.jks | *.keystore | id_rsa | id_ecdsa | id_ed25519 | id_ecdsa_sk | id_ed25519_sk | id_dsa) printf '%s\n' "$file" ;;
        *)
            case $file in
            */.gnupg/private-keys-v1.d/* | /etc/ssl/private/* | /etc/pki/tls/private/*) printf '%s\n' "$file" ;;
            *) set -- "$@" "$file" ;;
            esac
            ;;
        esac
    done
    [ $# -eq 0 ] || grep -lEs -e '-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----|^PuTTY-User-Key-File-' "$@"
}

# What may be keys of servers, as the reader of the stopped disk looks for them
server_files() {
    find -H /etc/ssl/private /etc/pki/tls/private /etc/letsencrypt/archive /etc/letsencrypt/live /etc/letsencrypt/accounts \
        /etc/nginx /etc/apache2 /etc/httpd ! -type d
    printf '%s\n' /etc/ssh/* /etc/*.key /etc/*.pem /etc/*.p12 /etc/*.pfx /etc/*.jks /etc/*.keystore \
        /etc/*/*.key /etc/*/*.p12 /etc/*/*.pfx /etc/*/*.jks /etc/*/*.keystore
}

look_at_private_keys() {
    each_home | while IFS=: read -r account home prefix; do
        private "$home"/.ssh/* "$home"/.gnupg/private-keys-v1.d/* "$home"/*.key "$home"/*.pem "$home"/*.ppk "$home"/id_* \
            "$home"/*.p12 "$home"/*.pfx "$home"/*.jks "$home"/*.keystore | sort -u | while IFS= read -r file; do
            printf '%s %s%s\n' "$account" "$prefix" "${file#"$home"/}"
        done
    done | head -n 100
    found=$(server_files)
    (
        # shellcheck disable=SC2154 # the prelude's
        IFS=$newline
        set -f
        # shellcheck disable=SC2086 # one a line
        private $found
    ) | sort -u | head -n 100 | sed 's/^/- /'
}

# The reader of the stopped disk looks into /run, too, which is gone by then.
look_at_credentials() {
    each_home | while IFS=: read -r account home prefix; do
        for file in "$home"/.aws/credentials "$home"/.config/gh/hosts.yml "$home"/.kube/config "$home"/.docker/config.json \
            "$home"/.config/containers/auth.json "$home"/.netrc "$home"/.git-credentials "$home"/.pgpass "$home"/.my.cnf \
            "$home"/.pypirc "$home"/.vault-token "$home"/.terraform.d/credentials* "$home"/.npmrc; do
            if [ ! -f "$file" ] || [ ! -s "$file" ]; then continue; fi
            # //registry.npmjs.org/:_authToken=...
            case $file in */.npmrc) grep -q _auth "$file" || continue ;; esac
            printf '%s %s%s\n' "$account" "$prefix" "${file#"$home"/}"
        done
        for folder in "$home"/.azure "$home"/.config/gcloud; do
            [ ! -d "$folder" ] || [ -z "$(find -H "$folder" -type f -size +0 | head -n 1)" ] ||
                printf '%s %s%s\n' "$account" "$prefix" "${folder#"$home"/}"
        done
    done | head -n 100
}

# held_in_homes FILE...: those that hold something, of every home
held_in_homes() {
    each_home | while IFS=: read -r account home prefix; do
        for file in "$@"; do
            if [ -f "$home/$file" ] && [ -s "$home/$file" ]; then printf '%s %s%s\n' "$account" "$prefix" "$file"; fi
        done
    done | head -n 100
}

look_at_crontabs() {
    for file in /var/spool/cron/crontabs/* /var/spool/cron/tabs/* /var/spool/cron/*; do
        [ ! -f "$file" ] || printf '%s\n' "${file##*/}"
    done | head -n 100
}

# filled FILE...: how many of the files hold something
filled() {
    number=0
    for file; do
        if [ -f "$file" ] && [ -s "$file" ]; then number=$((number + 1)); fi
    done
    printf '%s' "$number"
}

# told FILE...: how many of the files say more than "#cloud-config" and "{}"
told() {
    number=0
    for file; do
        if [ -f "$file" ] && grep -Evq '^[[:space:]]*(#.*|[{][}])?$' "$file"; then number=$((number + 1)); fi
    done
    printf '%s' "$number"
}

# A hash behind whatever locks it, in files of accounts
hashes_in() {
    cat "$@" | cut -d : -f 2 | sed 's/^[!*]*//' | grep -c -e '[$]' -e '.............'
}

look_at_temporary() {
    set --
    for folder in /tmp /var/tmp; do
        grep -q " $folder tmpfs " /proc/mounts || set -- "$@" "$folder"
    done
    [ $# -gt 0 ] || { printf 0; return; }
    find "$@" -xdev -name 'systemd-private-*' -prune -o ! -type d -print | wc -l | tr -d ' '
}

fact host_keys "$(count /etc/ssh/ssh_host_*)"
if [ -r /etc/passwd ]; then look_at_histories; else unknown shell_histories "/etc/passwd cannot be read"; fi
look_at_backup
if [ -d /var/lib/cloud ] && [ ! -x /var/lib/cloud ]; then
    for name in cloud_instances cloud_user_data cloud_seed cloud_hostname; do
        unknown "$name" "/var/lib/cloud cannot be entered"
    done
else
    fact cloud_instances "$(count /var/lib/cloud/instances/*)"
    fact cloud_user_data "$(told /var/lib/cloud/instances/*/user-data.txt /var/lib/cloud/instances/*/vendor-data.txt \
        /var/lib/cloud/instances/*/scripts/*)"
    fact cloud_seed "$(told /var/lib/cloud/seed/*/user-data /var/lib/cloud/seed/*/vendor-data)"
    if [ -e /var/lib/cloud/data/set-hostname ]; then fact cloud_hostname true; else fact cloud_hostname false; fi
fi
if [ "$(id -u)" -ne 0 ]; then
    for name in authorized_keys private_keys credentials tool_histories ssh_peers copied_hashes crontabs lease_files \
        log_files temporary_files; do
        unknown "$name" "only root can look into all homes and logs"
    done
else
    look_at_authorized_keys | items authorized_keys
    look_at_private_keys | items private_keys
    look_at_credentials | items credentials
    held_in_homes .python_history .mysql_history .psql_history .sqlite_history .rediscli_history .node_repl_history .lesshst \
        .viminfo .wget-hsts | items tool_histories
    held_in_homes .ssh/known_hosts .ssh/known_hosts.old .ssh/config | items ssh_peers
    look_at_crontabs | items crontabs
    fact copied_hashes "$(hashes_in /etc/gshadow- /etc/shadow.* /etc/gshadow.* /etc/shadow~ /var/backups/*shadow*)"
    fact lease_files "$(filled /var/lib/NetworkManager/*.lease /var/lib/NetworkManager/*.leases /var/lib/wicked/* \
        /var/lib/NetworkManager/timestamps /var/lib/NetworkManager/seen-bssids /var/lib/NetworkManager/secret_key)"
    fact log_files "$(find /var/log -type f -size +0 ! -path /var/log/waagent.log | wc -l | tr -d ' ')"
    fact temporary_files "$(look_at_temporary)"
fi
tool=$(command -v cloud-init)
case $tool in
/*) fact cloud_init_tool "$tool" ;;
*) absent cloud_init_tool ;;
esac

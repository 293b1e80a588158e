# shellcheck shell=sh
# What deprovisioning may leave behind: whether it is there, and how much of it; names of accounts and files, no content.
# Prints: host_keys, sudo_accounts (list), shell_histories (list of "ACCOUNT FILE"), backup_hashes, cloud_instances,
# cloud_init_tool.

# count PATH...: how many of the paths exist; a pattern without a match does not
count() {
    number=0
    for path; do
        if [ -e "$path" ]; then number=$((number + 1)); fi
    done
    printf '%s' "$number"
}

# azureuser ALL=(ALL) NOPASSWD:ALL; a first word all in capitals is ALL, or an alias
look_at_sudoers() {
    folder=/etc/sudoers.d
    if [ -d "$folder" ] && [ ! -r "$folder" ]; then
        unknown sudo_accounts "$folder cannot be read"
        return
    fi
    for file in "$folder"/*; do
        [ -f "$file" ] || continue
        [ "${file##*/}" != waagent ] || continue
        if [ ! -r "$file" ]; then
            unknown sudo_accounts "$file cannot be read"
            return
        fi
    done
    found=$(for file in "$folder"/*; do
        if [ -f "$file" ] && [ "${file##*/}" != waagent ]; then
            sed -n 's/^[[:space:]]*\([A-Za-z_][A-Za-z0-9_.-]*\)[[:space:]].*NOPASSWD.*/\1/p' "$file"
        fi
    done | grep '[a-z]' | sort -u)
    number=0
    for account in $found; do
        number=$((number + 1))
        [ "$number" -gt 100 ] || item sudo_accounts "$account"
    done
    total sudo_accounts "$number"
}

# Homes of accounts, each once (operator has root's on Red Hat), and what removed accounts left in /home.
homes() {
    cut -d : -f 1,6 /etc/passwd
    for home in /home/*; do [ ! -d "$home" ] || printf -- '-:%s\n' "$home"; done
}

look_at_histories() {
    number=0
    seen=:
    while IFS=: read -r account home; do
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

fact host_keys "$(count /etc/ssh/ssh_host_*)"
look_at_sudoers
if [ -r /etc/passwd ]; then look_at_histories; else unknown shell_histories "/etc/passwd cannot be read"; fi
look_at_backup
if [ -d /var/lib/cloud ] && [ ! -x /var/lib/cloud ]; then
    unknown cloud_instances "/var/lib/cloud cannot be entered"
else
    fact cloud_instances "$(count /var/lib/cloud/instances/*)"
fi
tool=$(command -v cloud-init)
case $tool in
/*) fact cloud_init_tool "$tool" ;;
*) absent cloud_init_tool ;;
esac

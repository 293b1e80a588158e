# shellcheck shell=sh
# Files that no step of ours removes and for which the stopped disk is refused: identities, dumps, an installer's hashes.
# Prints: kept_files (list of "KIND PATH"), kept_sudoers (list of accounts whose rules `clean: [sudoers]` can't take out).
# Of the content only whether there is any, or a hash in it, is looked at, and of sudo's files whom they name.

# filled PATTERN...: the files that match and hold something; of a pattern that ends in "/**", those below a folder
filled() {
    for pattern in "$@"; do
        case $pattern in
        */\*\*) find "${pattern%/*}" ! -type d ;;
        *)
            # shellcheck disable=SC2086 # it is a pattern
            printf '%s\n' $pattern
            ;;
        esac
    done | while IFS= read -r path; do
        if [ -f "$path" ] && [ -s "$path" ]; then printf '%s\n' "$path"; fi
    done
}

# kept KIND PATTERN...
kept() {
    kind=$1
    shift
    filled "$@" | head -n 50 | sed "s/^/$kind /"
}

look_at_registrations() {
    # Images of SUSE that Azure bills for have a region server; they register anew on each VM.
    [ -s /etc/regionserverclnt.cfg ] || kept registrations '/etc/zypp/credentials.d/SCCcredentials' '/etc/SUSEConnect'
    kept registrations '/etc/pki/consumer/*' '/etc/pki/entitlement/*' '/etc/sysconfig/rhn/systemid' \
        '/etc/sysconfig/rhn/osad-auth.conf' '/etc/insights-client/machine-id' '/var/lib/ubuntu-advantage/private/*' \
        '/etc/apt/auth.conf' '/etc/apt/auth.conf.d/*'
}

look_at_domain() {
    # What sssd keeps without any domain: its settings, and the accounts of /etc/passwd
    kept domain_accounts '/etc/krb5.keytab' '/var/lib/sss/db/*' '/var/lib/sss/secrets/*' '/var/lib/sss/mc/*' \
        '/var/lib/samba/private/*.tdb' '/etc/ipa/default.conf' '/etc/ipa/nssdb/*' '/var/lib/ipa-client/**' \
        '/tmp/krb5cc_*' | grep -Ev ' /var/lib/sss/(mc/|db/(config|sssd|[A-Za-z0-9_]+_implicit_files)[.]ldb$)'
}

look_at_installers() {
    # rootpw --iscrypted $6$...
    filled '/root/anaconda-ks.cfg' '/root/original-ks.cfg' '/root/initial-setup-ks.cfg' '/root/install.log' \
        '/root/inst-sys/*' '/var/log/installer/**' '/var/log/anaconda/**' '/etc/cloud/cloud.cfg.d/99-installer.cfg' \
        '/preseed.cfg' | while IFS= read -r path; do
        grep -Eq '[$](1|2[abxy]?|5|6|7|y|gy)[$][./A-Za-z0-9$,=]{13,}' "$path" && printf 'installer_hashes %s\n' "$path"
    done | head -n 50
}

look_at_host_keys() {
    # HostKey /srv/keys/host_ed25519
    for file in /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf /usr/etc/ssh/sshd_config; do
        sed -n 's/^[[:space:]]*[Hh][Oo][Ss][Tt][Kk][Ee][Yy][[:space:]=][[:space:]=]*\(\/.*[^[:space:]]\)[[:space:]]*$/\1/p' "$file"
    done | grep -v '^/etc/ssh/ssh_host_' | sort -u | while IFS= read -r path; do
        [ ! -f "$path" ] || [ ! -s "$path" ] || printf 'host_keys_elsewhere %s\n' "$path"
    done | head -n 50
}

look_at_connections() {
    # [wifi-security] psk=...    address1=10.0.0.4/24,10.0.0.1
    pattern='^[[:space:]]*(psk|wep-key[0-9]|password|private-key|leap-password|address[0-9]*[[:space:]]*=[[:space:]]*[0-9]'
    filled '/etc/NetworkManager/system-connections/*' | while IFS= read -r path; do
        grep -Eq "$pattern|method[[:space:]]*=[[:space:]]*manual)" "$path" && printf 'pinned_secrets %s\n' "$path"
    done | head -n 50
}

# included FILE DEPTH: "k FILE" of each file that one of sudo includes, and those in turn; /etc/sudoers.d is read anyway
included() (
    if [ "$2" -gt 8 ]; then
        echo '? sudo includes files in each other without end'
        exit
    fi
    # @includedir /etc/sudoers.d     #include /etc/sudoers.local     @include "sudoers.%h"
    sed -n -E -e 's/^[[:space:]]*[@#]include[[:blank:]]+"?([^"]+)"?[[:space:]]*$/f \1/p' \
        -e 's/^[[:space:]]*[@#]includedir[[:blank:]]+"?([^"]+)"?[[:space:]]*$/d \1/p' "$1" |
        sed -e 's/[[:space:]]*$//' -e 's/\\\(.\)/\1/g' -e 's/%h/*/g' | while IFS=' ' read -r kind path; do
        case $path in /*) ;; *) path=${1%/*}/$path ;; esac
        path=${path%/}
        if [ "$kind" = d ]; then
            [ "$path" != /etc/sudoers.d ] || continue
            path="$path/*"
        fi
        # A name may have blanks, and %h has become a pattern.
        IFS=
        # shellcheck disable=SC2086 # it is a pattern
        for file in $path; do
            [ -f "$file" ] || continue
            printf 'k %s\n' "$file"
            included "$file" $(($2 + 1))
        done
    done
)

# "w FILE" where `clean` takes out lines of one account, "k FILE" where it leaves all as it is: links, files that sudo
# does not read itself, and lines that go on in the next one
sudo_files() {
    own=/etc/sudoers
    [ -e "$own" ] || own=/usr/etc/sudoers
    for file in "$own" /etc/sudoers.d/* /etc/sudoers.d/.[!.]*; do
        if [ ! -f "$file" ] || [ "$file" = /etc/sudoers.d/90-cloud-init-users ]; then continue; fi
        if [ ! -r "$file" ]; then
            printf '? %s cannot be read\n' "$file"
            continue
        fi
        how=w
        case $file in /usr/* | */.*) how=k ;; esac
        if [ -L "$file" ] || grep -q '\\$' "$file"; then how=k; fi
        printf '%s %s\n' "$how" "$file"
        included "$file" 1
    done
}

# The lines of a file of sudo that say something, with those in which they go on. #1000 ALL=ALL is no remark.
said() {
    sed -E -e '/^[[:space:]]*#([^0-9]|$)/d' "$1" | sed -e :join -e '/\\$/{N;s/\\\n/ /;b join' -e '}' |
        sed -E -e '/^[[:space:]]*#[0-9]+[^0-9[:space:],]/d' -e 's/[[:space:]]#([^-0-9].*)?$//' -e 's/^[[:space:]]*//'
}

# users LINE: whom the list names with which a rule begins, or all lists of a User_Alias
users() {
    item='("[^"]*"|(\\.|[^[:space:],="\\])+)'
    case $1 in
    User_Alias[[:space:]]*) printf '%s\n' "${1#User_Alias}" | sed -E 's/(^|:)[[:space:]]*[A-Z][A-Z0-9_]*[[:space:]]*=/,/g' ;;
    *) printf '%s\n' "$1" | sed -E "s/^($item([[:space:]]*,[[:space:]]*$item)*).*$/\1/" ;;
    esac | tr , '\n' | sed -E -e 's/^[[:space:]]*//' -e 's/[[:space:]]*$//' -e 's/^"(.*)"$/\1/' -e 's/\\(.)/\1/g' -e '/^$/d'
}

# is_removed HOW WORDS: whether `clean` takes out the rule once the account is gone
is_removed() {
    [ "$1" = w ] || return 1
    case $2 in
    *[!A-Za-z0-9_.-]* | [!A-Za-z_]*) return 1 ;;
    *[a-z]*) ;;
    *) return 1 ;;
    esac
    # An account of a directory is there for `clean`, and in no file of the disk.
    grep -q "^$2:" /etc/passwd || ! bounded 10 getent passwd "$2" >/dev/null
}

look_at_rules() {
    files=$(sudo_files)
    printf '%s\n' "$files" | grep '^?' | sed 's/^? */?/'
    files=$(printf '%s\n' "$files" | grep '^[wk]')
    lines=$(printf '%s\n' "$files" | while read -r how file; do said "$file" | sed "s/^/$how /"; done)
    free=NOPASSWD
    # Defaults !authenticate     Defaults:azureuser log_output, !authenticate; of a group it is nobody's own
    if printf '%s\n' "$lines" | grep -E '^. Defaults.*![[:space:]]*authenticate' | grep -q -v '^. Defaults:[%+]'; then free=^; fi
    aliases=" $(printf '%s\n' "$lines" | sed -n 's/^. User_Alias//p' | tr : '\n' |
        sed -n -E 's/^[[:space:]]*([A-Z][A-Z0-9_]*)[[:space:]]*=.*/\1/p' | tr '\n' ' ')"
    printf '%s\n' "$lines" | grep -E "^. User_Alias|$free" | while read -r how line; do
        case $line in '' | Defaults* | Runas_Alias* | Host_Alias* | Cmnd_Alias* | Cmd_Alias* | @include*) continue ;; esac
        named=$(users "$line")
        case $line in User_Alias*) ;; *) if is_removed "$how" "$named"; then continue; fi ;; esac
        printf '%s\n' "$named"
    done | sort -u | while IFS= read -r name; do
        case $name in ALL | [%+!]*) continue ;; esac
        case $aliases in *" $name "*) continue ;; esac
        case $name in
        '#'*) known=$(cut -d : -f 1,3 /etc/passwd | sed -n "s/:${name#?}$//p" | head -n 1) ;;
        *) known= ;;
        esac
        printf '%s\n' "${known:-$name}"
    done | head -n 100
}

if [ "$(id -u)" -ne 0 ]; then
    for name in kept_files kept_sudoers; do
        unknown "$name" "only root can look wherever identities, dumps and rules are kept"
    done
else
    look_at_rules | items kept_sudoers
    {
        look_at_registrations
        look_at_domain
        look_at_installers
        look_at_host_keys
        look_at_connections
        kept onboardings '/etc/opt/microsoft/mdatp/mdatp_onboard.json' '/var/opt/azcmagent/**' '/etc/opt/azcmagent/**'
        kept peer_keys '/var/lib/tailscale/tailscaled.state' '/var/lib/zerotier-one/identity.secret' \
            '/etc/wireguard/*.conf' '/etc/openvpn/*.key' '/etc/openvpn/*/*.key'
        kept cluster_keys '/etc/puppetlabs/puppet/ssl/**' '/var/lib/puppet/ssl/**' '/etc/chef/client.pem' \
            '/etc/salt/pki/**' '/etc/salt/minion_id' '/var/lib/kubelet/pki/*' '/etc/kubernetes/*.conf' \
            '/var/lib/docker/swarm/**' '/etc/rancher/node/*'
        # kexec_cmd: how kdump-tools got ready
        kept memory_dumps '/var/lib/systemd/coredump/*' '/var/lib/apport/coredump/*' '/var/crash/**' \
            '/var/spool/abrt/**' '/var/log/dump/**' '/core' '/core.[0-9]*' | grep -v ' /var/crash/kexec_cmd$'
    } | items kept_files
fi

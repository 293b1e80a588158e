# shellcheck shell=sh
# Files that no step of ours removes and for which the stopped disk is refused: identities, dumps, an installer's hashes.
# Prints: kept_files (list of "KIND PATH"). Of the content only whether there is any, or a hash in it, is looked at.

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

if [ "$(id -u)" -ne 0 ]; then
    unknown kept_files "only root can look wherever identities and dumps are kept"
else
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

# shellcheck shell=sh
# What this machine is enrolled in under an identity of its own: monitoring, Defender, Arc, a domain, subscriptions.
# Prints: enrolments (list of "SERVICE TRACE"). Files are only looked for: what is in them stays there.

# trace SERVICE PATH...: those that exist
trace() {
    service=$1
    shift
    for path in "$@"; do
        [ ! -e "$path" ] || printf '%s %s\n' "$service" "$path"
    done
}

# setting SERVICE PATTERN FILE...: the files with an active line that matches
setting() {
    service=$1 pattern=$2
    shift 2
    for path in "$@"; do
        [ -f "$path" ] && grep -Eiq "$pattern" "$path" && printf '%s %s\n' "$service" "$path"
    done
}

{
    trace monitor /etc/opt/microsoft/azuremonitoragent /var/opt/microsoft/azuremonitoragent /opt/microsoft/azuremonitoragent \
        /etc/opt/microsoft/omsagent/????????-????-????-????-????????????
    trace defender /etc/opt/microsoft/mdatp/mdatp_onboard.json /etc/opt/microsoft/mdatp /opt/microsoft/mdatp /var/log/microsoft/mdatp \
        /var/log/azure/Microsoft.Azure.AzureDefenderForServers.MDE.Linux /var/lib/GuestConfig/extension_logs/*MDE.Linux*
    trace arc /var/opt/azcmagent /opt/azcmagent
    trace domain /etc/krb5.keytab /etc/ipa/default.conf
    # domains = corp.example.com
    setting domain '^[[:space:]]*domains[[:space:]]*=[[:space:]]*[^[:space:]]' /etc/sssd/sssd.conf /etc/sssd/conf.d/*.conf
    # security = ads
    setting domain '^[[:space:]]*security[[:space:]]*=[[:space:]]*(ads|domain)' /etc/samba/smb.conf
    trace red-hat /etc/pki/consumer/cert.pem /etc/sysconfig/rhn/systemid /etc/insights-client/.registered
    # Images that Azure bills for have a region server; they register anew on each VM.
    [ -e /etc/regionserverclnt.cfg ] || trace suse /etc/zypp/credentials.d/SCCcredentials
    # Ubuntu Pro's own images attach by themselves on each VM.
    [ -e /lib/systemd/system/ua-auto-attach.service ] || trace ubuntu-pro /var/lib/ubuntu-advantage/private/machine-token.json
} | items enrolments

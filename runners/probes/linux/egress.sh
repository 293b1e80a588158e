# shellcheck shell=sh
# What stands between the guest and the network: proxies and name servers of the place it was built at, and firewall
# rules against the platform's own addresses.
# Prints: proxies (list of files), blocked_addresses (list).
# Only names of files are printed: a proxy's address may hold a password.

# each FILE... PATTERN: the files with an active line that matches
each() {
    for last in "$@"; do :; done
    while [ $# -gt 1 ]; do
        [ -f "$1" ] && grep -Ev '^[[:space:]]*(#|;|//)' "$1" | grep -Eiq "$last" && printf '%s\n' "$1"
        shift
    done
}

look_at_proxies() {
    # export https_proxy=http://proxy.example:3128
    each /etc/environment /etc/profile /etc/profile.d/*.sh /etc/systemd/system.conf /etc/systemd/system.conf.d/* \
        '(https?|all|ftp)_proxy=.*[a-z0-9]'
    # Acquire::http::Proxy "http://proxy.example:3128";
    each /etc/apt/apt.conf /etc/apt/apt.conf.d/* 'proxy[[:space:]]+"?[a-z]+://'
    # "proxy=_none_" says that there is none
    each /etc/yum.conf /etc/dnf/dnf.conf /etc/tdnf/tdnf.conf '^[[:space:]]*proxy[[:space:]]*=[[:space:]]*[^_[:space:]]'
    each /etc/sysconfig/proxy "^[[:space:]]*PROXY_ENABLED=['\"]?yes"
    grep -Eiqs '^[[:space:]]*HttpProxy\.Host[[:space:]]*=[[:space:]]*None' /etc/waagent.conf ||
        each /etc/waagent.conf '^[[:space:]]*HttpProxy\.Host[[:space:]]*=[[:space:]]*[^[:space:]]'
    each /etc/systemd/resolved.conf /etc/systemd/resolved.conf.d/* '^[[:space:]]*(DNS|Domains)[[:space:]]*=[[:space:]]*[^[:space:]]'
}

# A tool is started only where its part of the kernel is loaded already: asking would load it.
rules() {
    if [ -e /sys/module/nf_tables ]; then
        bounded 20 nft -s list ruleset || bounded 20 iptables-save || echo "?nf_tables is loaded, and neither nft nor iptables-save could list its rules"
    fi
    # The module may be loaded without a table: systemd does so at boot.
    if grep -q . /proc/net/ip_tables_names; then
        bounded 20 iptables-legacy-save || bounded 20 iptables-save || echo "?ip_tables has a table, and iptables-save could not list its rules"
    fi
}

# -A OUTPUT -d 169.254.169.254/32 -j DROP          ip daddr 168.63.129.16 tcp dport 80 counter drop
# The agent's own rule keeps other users away from the platform and is left out:
# -A OUTPUT -d 168.63.129.16/32 -p tcp -m conntrack --ctstate INVALID,NEW -j DROP
look_at_rules() {
    rules | grep -E '^\?|168\.63\.129\.16|169\.254\.169\.254' | grep -Ei '^\?|drop|reject' |
        grep -Eiv 'ct ?state[^a-z]*(invalid[^a-z]*new|new[^a-z]*invalid)' |
        sed -E 's/^[^?].*(168\.63\.129\.16|169\.254\.169\.254).*/\1/' | sort -u
}

look_at_proxies | items proxies
look_at_rules | items blocked_addresses

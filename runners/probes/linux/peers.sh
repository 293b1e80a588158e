# shellcheck shell=sh
# Keys and ids by which other machines know this one: configuration management, clusters, private networks.
# Prints: peers (list of "SERVICE TRACE"). Files are only looked for: what is in them stays there.

# trace SERVICE PATH...: the first that exists
trace() {
    service=$1
    shift
    for path in "$@"; do
        if [ -e "$path" ]; then
            printf '%s %s\n' "$service" "$path"
            return
        fi
    done
}

{
    trace puppet /etc/puppetlabs/puppet/ssl/private_keys/*.pem /etc/puppet/ssl/private_keys/*.pem /var/lib/puppet/ssl/private_keys/*.pem
    trace chef /etc/chef/client.pem /etc/cinc/client.pem
    trace salt /etc/salt/pki/minion/minion.pem
    trace cfengine /var/cfengine/ppkeys/localhost.priv /var/lib/cfengine3/ppkeys/localhost.priv
    trace kubernetes /etc/kubernetes/kubelet.conf /var/lib/kubelet/pki/*
    trace k3s /etc/rancher/node/password /var/lib/rancher/k3s/agent /var/lib/rancher/k3s/server /var/lib/rancher/rke2/agent
    trace swarm /var/lib/docker/swarm/docker-state.json
    trace etcd /var/lib/etcd/member /var/lib/etcd/default.etcd
    trace tailscale /var/lib/tailscale/tailscaled.state
    trace zerotier /var/lib/zerotier-one/identity.secret
    trace wireguard /etc/wireguard/*.conf /etc/wireguard/*.key
    trace openvpn /etc/openvpn/*.conf /etc/openvpn/client/*.conf /etc/openvpn/client/*.ovpn /etc/openvpn/server/*.conf
    trace nebula /etc/nebula/*.key
    trace netbird /etc/netbird/config.json /var/lib/netbird/default.json
} | items peers

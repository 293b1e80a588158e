"""Which files no step removes, so that the stopped disk would be refused for them. Data, and one predicate."""

from __future__ import annotations

from checks.facts import LinuxGuest, Policy
from runners.generalize.foretold import Rule, by_hand

_ALLOW = "or name the files in `allow_files` of the fleet file."


def _rule(check: str, kind: str, what: str, remedy: str, *, may_stay: bool = True) -> Rule:
    """Return the forecast of one kind. `may_stay`: whether `allow_files` counts for it."""

    def survives(guest: LinuxGuest, policy: Policy) -> bool:
        found = [item.path for item in guest.kept.kept_files.value_or(()) if item.kind == kind]
        if "tmp" in policy.clean:
            found = [path for path in found if not path.startswith("/tmp/")]  # noqa: S108 - of the guest
        return any(not (may_stay and policy.may_stay(path)) for path in found)

    return by_hand(check, what, f"{remedy}, {_ALLOW}" if may_stay else f"{remedy}.", survives)


KEPT = (
    _rule(
        "LNX-REGISTER-001",
        "registrations",
        "a registration with a distributor (Red Hat, SUSE, Ubuntu Pro)",
        "In the source VM: subscription-manager unregister && subscription-manager clean, SUSEConnect -d or pro detach",
    ),
    _rule(
        "LNX-DOMAIN-002",
        "domain_accounts",
        "the membership of a domain",
        "In the source VM: realm leave (ipa-client-install --uninstall for IPA), and delete what it leaves",
    ),
    _rule(
        "LNX-DEFENDER-002",
        "onboardings",
        "the onboarding to Defender or Azure Arc",
        "In the source VM: offboard Defender with the tenant's script, or azcmagent disconnect",
    ),
    _rule(
        "LNX-MESH-002",
        "peer_keys",
        "keys of a VPN or mesh",
        "In the source VM: tailscale logout, zerotier-cli leave, or delete the keys",
    ),
    _rule(
        "LNX-MANAGER-002",
        "cluster_keys",
        "keys of configuration management or of a cluster",
        "In the source VM: remove the node's keys (rm -rf /etc/puppetlabs/puppet/ssl, kubeadm reset...)",
    ),
    _rule(
        "LNX-DUMP-001",
        "memory_dumps",
        "dumps of processes or of the kernel",
        "In the source VM: rm -rf /var/lib/systemd/coredump/* /var/crash/*",
    ),
    _rule(
        "LNX-INSTALLER-001",
        "installer_hashes",
        "password hashes in files of an installer",
        "Delete the files in the source VM (rm /root/anaconda-ks.cfg /root/original-ks.cfg)",
        may_stay=False,
    ),
    _rule(
        "LNX-KEY-004",
        "host_keys_elsewhere",
        "SSH host keys outside of /etc/ssh",
        "Delete the keys that the HostKey lines of sshd_config name in the source VM",
        may_stay=False,
    ),
    _rule(
        "LNX-NIC-007",
        "pinned_secrets",
        "connections of NetworkManager with a secret or a fixed address",
        "In the source VM: nmcli connection delete NAME",
    ),
)

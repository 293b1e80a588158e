"""Healthy values of a Linux guest's topics."""

from __future__ import annotations

from typing import Any

from checks.facts import Fact, LoginAccount, SudoRule


def handed_on() -> dict[str, dict[str, Any]]:
    """Return the healthy facts, by topic, of what clones inherit: network, log-ins, packages and identities."""
    return {
        "network": {
            "interface_rules": (),
            "pinned_interfaces": (),
            "static_networks": (),
            "primary_address": "leased",
            "vf_unmanaged": False,
        },
        "egress": {"proxies": (), "blocked_addresses": ()},
        "sshd": {
            "sshd_configuration": "ok",
            "sshd_at_boot": True,
            "sshd_alive_interval": 120,
            "sshd_root_login": "without-password",
            "sshd_empty_passwords": "no",
            "sshd_key_folders": ("/etc/ssh",),
        },
        "logins": {
            "login_accounts": (LoginAccount("azureuser", "password,key"),),
            "root_twins": (),
            "sudo_targetpw": False,
            "open_sessions": (),
        },
        "security": {
            "selinux_mode": Fact.missing(),
            "selinux_configured": Fact.missing(),
            "relabel_pending": False,
            "fips_mode": False,
        },
        "programs": {
            "openssl_version": "3.0.17",
            "omi_version": Fact.missing(),
            "machine_type": "x86_64",
            "clock_synchronised": True,
            "kvp_daemon": True,
        },
        "packages": {"package_work": (), "broken_packages": 0, "repository_faults": ()},
        "enrolments": {"enrolments": ()},
        "peers": {"peers": ()},
        "kept": {"kept_files": ()},
        "sudo": {"sudo_rules": (SudoRule(True, "azureuser", "/etc/sudoers.d/90-cloud-init-users"),)},
        "extensions": {"extension_folders": (), "busy_extensions": ()},
        "startup": {"start_scripts": (), "clean_scripts": (), "static_hostname": "golden"},
    }

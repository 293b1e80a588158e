"""Who provisions the machines that are made from the image: cloud-init or waagent, and not both or neither."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxGuest

# `systemctl is-enabled` of a unit that starts at boot
_STARTS = ("enabled", "enabled-runtime", "static", "alias", "generated", "linked")
_WHERE = "Provisioning.Agent in waagent.conf, and cloud-init-local.service"


def cloud_init_starts(guest: LinuxGuest) -> bool:
    """Return whether waagent will take cloud-init for enabled, as it asks systemd."""
    return guest.cloud_init.cloud_init_unit.value_or("no unit") in _STARTS


def provisioner(guest: LinuxGuest) -> str:
    """Return `Provisioning.Agent` as it takes effect: `cloud-init`, `waagent`, or another word that stands there."""
    word = guest.agent_configuration.value.get("Provisioning.Agent", "auto").lower()
    if word == "auto":
        return "cloud-init" if cloud_init_starts(guest) else "waagent"
    return word


def cloud_init_provisions(guest: LinuxGuest) -> bool:
    """For `applies=`: cloud-init provisions the machines made from the image."""
    return provisioner(guest) == "cloud-init"


@check(
    "LNX-PROVISION-001",
    "cloud-init and waagent agree on who provisions a new machine",
    phase="pre",
    platform="linux",
    severity="blocker",
    why="waagent set to provision refuses to while cloud-init is enabled; set to leave it to a cloud-init that does "
    "not start, it waits for half an hour and gives up; set to disabled it reports Ready with no account made. None of "
    "these machines can be used.",
    fix="Provisioning.Agent=auto in /etc/waagent.conf. Then systemctl enable cloud-init-local.service for cloud-init, "
    "or systemctl disable it for waagent.",
    source="https://github.com/Azure/WALinuxAgent (pa/provision/factory.py, default.py, cloudinit.py)",
    grade="S",
)
def check_provisioning_agreed(guest: LinuxGuest) -> list[Problem]:
    starts = cloud_init_starts(guest)
    seen = "cloud-init starts at boot" if starts else "cloud-init does not start at boot"
    match provisioner(guest):
        case "cloud-init" if not starts:
            return [problem(observed=f"cloud-init, and {seen}", expected="auto, or cloud-init enabled", where=_WHERE)]
        case "waagent" if starts:
            return [problem(observed=f"waagent, and {seen}", expected="auto, or cloud-init disabled", where=_WHERE)]
        case "cloud-init" | "waagent":
            return []
        case other:
            return [problem(observed=other, expected="auto, cloud-init or waagent", where=_WHERE)]

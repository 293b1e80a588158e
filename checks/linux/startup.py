"""What runs by itself on each clone, or during the clean-up before there are any."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxGuest


@check(
    "LNX-STARTUP-001",
    "nothing is set to run at the first boot of a clone",
    phase="pre",
    platform="linux",
    severity="info",
    why="These scripts run again on every machine made from the image, as root and unseen. Where that is meant, it is "
    "well; a script of the building site does there what it did here.",
    fix="Read the files that are named, and delete those that clones shall not run.",
    source="our own inference; https://docs.cloud-init.io (modules scripts_per_boot, scripts_per_instance, "
    "scripts_per_once)",
    grade="X",
)
def check_startup_scripts_absent(guest: LinuxGuest) -> list[Problem]:
    return [
        problem(observed="it runs on each clone", expected="nothing, or what is meant to run", where=path)
        for path in guest.startup.start_scripts.value_or(())
    ]


@check(
    "LNX-STARTUP-002",
    "cloud-init clean runs no scripts of its own",
    phase="pre",
    platform="linux",
    severity="info",
    why="cloud-init clean runs every executable file in this folder as root: what else the clean-up removes or "
    "changes is decided there.",
    fix="Read the files that are named, and delete those that shall not run in the clean-up.",
    source="https://github.com/canonical/cloud-init (cloudinit/cmd/clean.py)",
    grade="S",
)
def check_startup_cleaners_absent(guest: LinuxGuest) -> list[Problem]:
    return [
        problem(observed="it runs in cloud-init clean", expected="nothing, or what is meant to run", where=path)
        for path in guest.startup.clean_scripts.value_or(())
    ]


_BLANK_NAMES = ("localhost.localdomain", "localhost")


@check(
    "LNX-REPEAT-001",
    "the guest was not deprovisioned before",
    phase="pre",
    platform="linux",
    severity="blocker",
    why="waagent leaves this name and an empty folder. The second of two runs finds no ovf-env.xml, skips the account "
    "and exits 0, so whatever the first one left, stays.",
    fix="If the machine was sealed already, judge it with --confirm; otherwise start again from a VM that Azure "
    "provisioned.",
    source="a recorded run of waagent 2.7.3, twice in a row",
    grade="T",
)
def check_startup_deprovisioned_once(guest: LinuxGuest) -> list[Problem]:
    name = guest.startup.static_hostname.value_or("")
    if name not in _BLANK_NAMES or not guest.ovf_account.absent:
        return []
    seen = f"it is called {name}, and there is no ovf-env.xml"
    return [problem(observed=seen, expected="a provisioned guest", where="/etc/hostname and the agent's folder")]

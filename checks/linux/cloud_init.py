"""cloud-init: its last run here, and whether it will find Azure on the machines made from the image."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxGuest
from checks.linux.provisioning import cloud_init_provisions
from checks.parts import problems_of

_UNFINISHED = ("running", "not run", "not started", "degraded running")
_SOUND = ("done", "disabled", *_UNFINISHED)


@check(
    "LNX-CLOUDINIT-001",
    "cloud-init is not at work",
    phase="pre",
    platform="linux",
    severity="blocker",
    why="While cloud-init still works the machine is half configured, and what it writes after the cleaning ends up in "
    "every image.",
    fix="cloud-init status --wait, then run again.",
    source="https://cloudinit.readthedocs.io/en/latest/reference/cli.html#status",
    grade="D",
)
def check_cloud_init_finished(guest: LinuxGuest) -> list[Problem]:
    status = guest.cloud_init.cloud_init_status.value_or("not installed")
    if status not in ("running", "degraded running"):
        return []
    return [problem(observed=status, expected="done", where="cloud-init status")]


@check(
    "LNX-CLOUDINIT-002",
    "cloud-init's last run had no error",
    phase="pre",
    platform="linux",
    severity="warning",
    why="What failed here is likely to fail on every machine made from the image, and what should have been set up "
    "here is not in it.",
    fix="cloud-init status --long and /var/log/cloud-init.log name the error.",
    source="https://github.com/microsoft/lisa (azure_image_standard.py, verify_cloud_init_error_status)",
    grade="C",
)
def check_cloud_init_sound(guest: LinuxGuest) -> list[Problem]:
    status = guest.cloud_init.cloud_init_status.value_or("done")
    return [] if status in _SOUND else [problem(observed=status, expected="done", where="cloud-init status")]


@check(
    "LNX-CLOUDINIT-003",
    "cloud-init is not switched off",
    phase="pre",
    platform="linux",
    severity="blocker",
    applies=cloud_init_provisions,
    why="systemd calls cloud-init enabled, so waagent leaves the provisioning to it; but this switch keeps it from "
    "starting. A new machine gets no account and no key, and never reports Ready.",
    fix="rm /etc/cloud/cloud-init.disabled; take cloud-init=disabled off the kernel's command line and policy: "
    "disabled out of /etc/cloud/ds-identify.cfg.",
    source="https://cloudinit.readthedocs.io/en/latest/howto/disable_cloud_init.html",
    grade="D",
)
def check_cloud_init_on(guest: LinuxGuest) -> list[Problem]:
    return [
        problem(observed="cloud-init is disabled", expected="no such switch", where=place)
        for place in guest.cloud_init.cloud_init_off.value_or(())
    ]


@check(
    "LNX-CLOUDINIT-004",
    "cloud-init looks for Azure",
    phase="pre",
    platform="linux",
    severity="blocker",
    applies=cloud_init_provisions,
    why="Without Azure among its data sources cloud-init gets neither the account nor the key of a new machine, and "
    "the machine never reports Ready.",
    fix="Write datasource_list: [ Azure ] to /etc/cloud/cloud.cfg.d/90-azure.cfg (later files win), and remove "
    "/etc/cloud/ds-identify.cfg.",
    source="https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic",
    grade="D",
)
def check_cloud_init_finds_azure(guest: LinuxGuest) -> list[Problem]:
    return problems_of(lambda: _configured(guest), lambda: _pinned(guest))


def _configured(guest: LinuxGuest) -> list[Problem]:
    # "Azure and 24 more", or "NoCloud None"; without a list, cloud-init tries all that it knows
    names = guest.cloud_init.datasources.value_or("Azure")
    if names.split(" ", 1)[0] == "Azure":
        return []
    return [problem(observed=names, expected="Azure", where="datasource_list in /etc/cloud")]


def _pinned(guest: LinuxGuest) -> list[Problem]:
    name = guest.cloud_init.ds_identify.value_or("Azure")
    if name == "Azure":
        return []
    return [problem(observed=name, expected="Azure", where="datasource in /etc/cloud/ds-identify.cfg")]


@check(
    "LNX-CLOUDINIT-005",
    "no installer's settings are left for cloud-init",
    phase="pre",
    platform="linux",
    severity="warning",
    why="These files tie cloud-init to the network, the package sources or the data source of the machine on which "
    "the system was installed.",
    fix="Remove the files that are named.",
    source="https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu",
    grade="D",
)
def check_cloud_init_installer_gone(guest: LinuxGuest) -> list[Problem]:
    return [
        problem(observed="it exists", expected="no such file", where=path)
        for path in guest.cloud_init.installer_leftovers.value_or(())
    ]


@check(
    "LNX-CLOUDINIT-006",
    "the network is configured by cloud-init, or otherwise by DHCP",
    phase="pre",
    platform="linux",
    severity="warning",
    why="With cloud-init's hands off the network, a configuration that was made for this machine's interface is all "
    "that its clones have. They stay without an address.",
    fix="Remove network: {config: disabled} from the file that is named, or configure DHCP for any interface.",
    source="https://github.com/canonical/cloud-init/issues/3611",
    grade="I",
)
def check_cloud_init_network(guest: LinuxGuest) -> list[Problem]:
    seen = guest.cloud_init
    if seen.network_disabled.absent or seen.dhcp_elsewhere.value:
        return []
    expected = "a network that cloud-init configures, or DHCP"
    return [problem(observed="cloud-init leaves it alone", expected=expected, where=seen.network_disabled.value)]

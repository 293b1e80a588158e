"""The facts of one VM: ours in one script, beside pytest-testinfra's one command for each question and more."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from testinfra.backend.local import LocalBackend
from testinfra.host import Host

from runners.session import load_catalogue
from tests.bench import fleet, machine
from tests.bench.command import run
from tests.bench.parts import PARTS
from tests.bench.table import Table

SCALE, _SMALL_SCALE = 10, 100
_HEAD = ("what", "questions", "Run Commands", "wall")

QUESTIONS: tuple[Callable[[Host], Any], ...] = (
    lambda host: host.system_info.distribution,
    lambda host: host.system_info.release,
    lambda host: host.package("waagent").is_installed,
    lambda host: host.package("cloud-init").is_installed,
    lambda host: host.package("openssh-server").version,
    lambda host: host.service("walinuxagent").is_enabled,
    lambda host: host.service("walinuxagent").is_running,
    lambda host: host.service("cloud-init").is_enabled,
    lambda host: host.service("ssh").is_enabled,
    lambda host: host.file("/etc/waagent.conf").contains("^Provisioning.RegenerateSshHostKeyPair=y"),
    lambda host: host.file("/etc/waagent.conf").contains("^ResourceDisk.Format=n"),
    lambda host: host.file("/etc/waagent.conf").mode,
    lambda host: host.file("/etc/fstab").content_string,
    lambda host: host.file("/etc/hosts").contains("127.0.1.1"),
    lambda host: host.file("/etc/machine-id").size,
    lambda host: host.file("/etc/ssh/ssh_host_rsa_key").exists,
    lambda host: host.file("/etc/shadow").mode,
    lambda host: host.file("/etc/sudoers.d/90-cloud-init-users").exists,
    lambda host: host.file("/var/lib/waagent/provisioned").exists,
    lambda host: host.file("/var/lib/dpkg/lock-frontend").exists,
    lambda host: host.file("/var/run/reboot-required").exists,
    lambda host: host.user("root").password,
    lambda host: host.user("azureuser").exists,
    lambda host: host.mount_point("/").filesystem,
    lambda host: host.mount_point("/").options,
    lambda host: host.sysctl("kernel.hostname"),
    lambda host: host.process.filter(comm="apt-get"),
    lambda host: host.run("hv_kvp=$(pgrep -f hv_kvp_daemon); echo $hv_kvp").stdout,
    lambda host: host.run("grep -c ^menuentry /boot/grub/grub.cfg").stdout,
    lambda host: host.run("df --output=avail /").stdout,
)
"""Some of what our checks before the step ask of a Linux guest, in testinfra's own words where it has them."""


class Counting(LocalBackend):  # type: ignore[misc]  # testinfra has no types
    """This machine, with a count of what is run on it. Each would be one Run Command."""

    def __init__(self) -> None:
        super().__init__()
        self.commands = 0

    def run(self, command: str, *arguments: str, **options: Any) -> Any:
        """Run it here and count it."""
        self.commands += 1
        return super().run(command, *arguments, **options)


def measure(small: bool) -> Table:
    """Measure it."""
    about, scale = machine.described(), _SMALL_SCALE if small else SCALE
    asked, commands = testinfra_asks(QUESTIONS)
    facts, rounds, wall = _ours(scale)
    seconds = commands * fleet.OPERATION_SECONDS
    computed = f"{wall + rounds * fleet.OPERATION_SECONDS * (1 - 1 / scale):.0f} s (computed)"
    rows = (
        ("ours, `--observe`", f"{facts} checks", str(rounds), f"{wall:.1f} s at 1/{scale} of Azure's time"),
        ("ours, at Azure's own time", "the same", str(rounds), computed),
        ("pytest-testinfra", f"{asked} assertions", str(commands), f"{seconds} s at Azure's own time (computed)"),
    )
    notes = (
        f"{commands / rounds:.0f} times fewer Run Commands. Our wall time has start-up, sign-in, what Azure itself is "
        "asked, and the reports in it; testinfra's is its number of commands times one Run Command and nothing else.",
        "testinfra asked the machine that measures, so that each command it needs is answered and counted. An answer "
        "that lets it stop asking (no such package) makes its count lower than on a VM.",
        "Over SSH testinfra takes a fraction of a second for each, where somebody may sign in. That was not measured.",
    )
    how = (
        f"Run Command takes some {fleet.OPERATION_SECONDS} s in Azure each time, and a VM runs one at a time. Ours "
        "asks all in one script. Counted are invocations: ours by the lab, testinfra's at its backend."
    )
    return Table("facts", PARTS["facts"], how, _HEAD, rows, notes, about, small)


def testinfra_asks(questions: Sequence[Callable[[Host], Any]]) -> tuple[int, int]:
    """Ask this machine by testinfra; return how many questions, and how many commands it ran for them."""
    backend = Counting()
    host = Host(backend)
    for question in questions:
        try:
            question(host)
        except (RuntimeError, AssertionError, NotImplementedError, ValueError):
            continue  # the answer is of no interest here, and it was asked for
    return len(questions), backend.commands


def _ours(scale: int) -> tuple[int, int, float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scenario, targets = fleet.write(folder, 1, scale)
        with fleet.served(scenario, folder) as lab:
            took = run(
                [
                    *(str(Path(sys.executable).parent / "sealproof"), "--fleet", str(targets), "--observe", "-q"),
                    *("--arm-endpoint", lab.endpoint, "--ca", str(lab.ca), "--evidence", str(folder / "evidence")),
                ],
                lab.environment,
            )
            asked = lab.calls()
        record = json.loads((folder / "evidence" / "latest" / "evidence.json").read_text(encoding="utf-8"))
    assert record["targets"][0]["outcome"] == "ready", took.said
    rounds = sum(number for (_, call, _), number in asked.items() if call == "POST virtualMachines/runCommand")
    asked_for = {check.id for check in load_catalogue(()).phase("pre")}
    judged = [row for row in record["results"] if row["outcome"] != "not applicable" and row["check"] in asked_for]
    return len(judged), rounds, took.wall

"""The facts of one VM over SSH: ours and pytest-testinfra on the same real Debian, which QEMU runs."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from lab import Lab, serve
from lab.guests.real import RealGuest
from lab.guests.real.cache import cache_folder, is_built
from lab.guests.real.errors import MissingTools
from lab.principal import OWNER
from runners.cli import ROOT
from tests.bench import ours, plain
from tests.bench.fleet import Served
from tests.bench.questions import QUESTIONS

OURS, THEIRS = "ours over SSH, `--observe`", "pytest-testinfra over SSH"
_REAL = ROOT / "lab" / "scenarios" / "real.yaml"
# Of sudo's log, azureuser : PWD=/home/azureuser ; USER=root ; COMMAND=/bin/sh -c 'uname -s'
# and of the kernel's count of forks, processes 1234
_COUNT = """\
journalctl -q _COMM=sudo -o cat | grep -c ' ; USER=root ; COMMAND='
sed -n 's/^processes //p' /proc/stat
"""

Rows = tuple[tuple[str, ...], ...]


def rows() -> Rows:
    """Measure both on one VM, or say why not. The VM has booted when the clock starts."""
    try:
        if not is_built(cache_folder()):
            return not_measured("the real VM's image is not built (`make real` builds it)")
    except MissingTools as error:
        return not_measured(" ".join(str(error).split()))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with serve(_REAL, request_log=folder / "requests.jsonl") as lab:
            return _measured(lab, folder)


def not_measured(why: str) -> Rows:
    """Return the rows of what was not measured."""
    return tuple((what, "", "", f"not measured: {why}") for what in (OURS, THEIRS))


def _measured(lab: Lab, folder: Path) -> Rows:
    (guest,) = lab.guests.values()
    assert isinstance(guest, RealGuest)
    at_first = _counted(guest)
    with login(guest, folder / "ours") as host:
        lab.fleet["targets"][0]["channel"] = host
        targets = folder / "fleet.yaml"
        targets.write_text(yaml.safe_dump(lab.fleet), encoding="utf-8")
        observed = ours.observe(_as_served(lab, folder), targets, folder / "evidence")
    between = _counted(guest)
    with login(guest, folder / "theirs") as host:
        took = plain.over(host, folder / "plain")
    after = _counted(guest)
    return (
        (OURS, f"{observed.checks} checks", _sent(at_first, between), f"{observed.took.wall:.1f} s"),
        (THEIRS, f"{len(QUESTIONS)} assertions", _sent(between, after), f"{took.wall:.1f} s"),
    )


@contextmanager
def login(guest: RealGuest, folder: Path) -> Iterator[str]:
    """Give testinfra's specification of the VM, with one connection of its own for all commands."""
    folder.mkdir()
    config, connection = folder / "ssh.conf", folder / "connection"
    options = {
        "StrictHostKeyChecking": "no",
        "UserKnownHostsFile": "/dev/null",
        "LogLevel": "ERROR",
        "BatchMode": "yes",
        "IdentityFile": guest.ssh_key,
        "ControlPath": connection,
    }
    config.write_text("".join(f"{name} {value}\n" for name, value in options.items()), encoding="utf-8")
    try:
        yield f"ssh://azureuser@127.0.0.1:{guest.ssh_port()}?ssh_config={config}&sudo=true"
    finally:
        subprocess.run(["ssh", "-F", config, "-O", "exit", "127.0.0.1"], capture_output=True, check=False)


def _as_served(lab: Lab, folder: Path) -> Served:
    owner = lab.principal(OWNER)
    environment = {
        "AZURE_TENANT_ID": lab.tenant_id,
        "AZURE_CLIENT_ID": str(owner.client_id),
        "AZURE_CLIENT_SECRET": str(owner.secret),
        "AZURE_AUTHORITY_HOST": lab.authority,
    }
    return Served(lab.endpoint, environment, lab.ca_file, folder / "requests.jsonl")


def _counted(guest: RealGuest) -> tuple[int, int]:
    """Return how many commands came over SSH so far, and how many processes were started, as the VM counts them."""
    commands, processes = map(int, guest.run(_COUNT).stdout.split())
    return commands, processes


def _sent(before: tuple[int, int], after: tuple[int, int]) -> str:
    commands, processes = (then - first for first, then in zip(before, after, strict=True))
    return f"{commands} command{'s' if commands != 1 else ''} ({processes:,} processes there)"

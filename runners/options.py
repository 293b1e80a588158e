"""The command-line options, and what they ask for."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from reports.evidence import Mode
from runners.errors import UsageError
from runners.fleet import Fleet, fleet_from_ids, load_fleet
from runners.way_in import WayIn

_MODES: tuple[Mode, ...] = ("generalize", "observe", "confirm")

_WAY = ("--arm-endpoint", "--authority", "--ca")

WAYS_TO_START = """no target is given, so there is nothing to check. Start with one of:
  --lab                     an embedded Azure with simulated VMs: see the whole path at once
  --fleet FILE              the targets of a fleet file (docs/fleet.md)
  --target ARM_ID           one VM by its ARM id, observed with default treatment"""


def add_options(parser: pytest.Parser) -> None:
    """Add our options to pytest's."""
    group = parser.getgroup("sealproof", "Sealproof: check, generalize and prove Azure VMs")
    group.addoption("--fleet", metavar="FILE", help="the fleet file: targets, and how each is treated")
    group.addoption("--target", metavar="ARM_ID", action="append", default=[], help="a VM by its ARM id; repeatable")
    group.addoption(
        "--lab",
        metavar="SCENARIO",
        nargs="?",
        const="demo",
        help="run against the embedded lab: demo (default), mixed, sealed, real, windows-gallery, a .yaml file or a "
        "folder of them",
    )
    group.addoption(
        "--generalize", action="store_true", help="generalize targets whose gate is open (--lab implies it)"
    )
    group.addoption("--observe", action="store_true", help="only check; takes back what --lab implies")
    group.addoption(
        "--confirm",
        action="store_true",
        help="judge VMs that somebody else sealed, by their stopped disks; nothing is done to them",
    )
    group.addoption(
        "--consent",
        metavar="VM_ID",
        action="append",
        default=[],
        help="the vmId of a VM that may be generalized; repeatable (a vm_id pinned in the fleet file does the same)",
    )
    group.addoption(
        "--arm-endpoint",
        metavar="URL",
        help="the Azure Resource Manager to talk to: a sovereign cloud's, a running lab's (default: the public one)",
    )
    group.addoption("--authority", metavar="URL", help="who gives its tokens (default: what the endpoint itself names)")
    group.addoption("--ca", metavar="FILE", help="certificates to trust instead of the public authorities', PEM")
    group.addoption(
        "--checks", metavar="DIR", action="append", default=[], help="a folder of own checks, with those below it"
    )
    group.addoption(
        "--evidence", metavar="DIR", default="evidence", help="where evidence is written (default: evidence)"
    )
    group.addoption("--waivers", metavar="FILE", help="failures that somebody answers for (docs/waivers.md)")
    group.addoption("--concurrency", metavar="N", type=int, default=8, help="calls in progress at once (default: 8)")


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for, with every path absolute."""

    fleet: Path | None
    targets: tuple[str, ...]
    lab: str | None
    mode: Mode
    consents: frozenset[str]
    checks: tuple[Path, ...]
    evidence: Path
    waivers: Path | None
    concurrency: int
    way: WayIn
    """What the options say of the cloud; the fleet file may say more."""

    @classmethod
    def of(cls, config: pytest.Config) -> Request:
        """Read the options; paths start where the user stands. Raises `UsageError` for what can't go together."""
        option: Any = config.getoption
        here = config.invocation_params.dir
        lab, fleet = option("--lab"), option("--fleet")
        if fleet and option("--target"):
            raise UsageError("--fleet and --target both name targets: put the VM into the fleet file, or drop one.")
        if option("--concurrency") < 1:
            raise UsageError(f"--concurrency {option('--concurrency')}: at least 1 call must be allowed at once.")
        return cls(
            fleet=here / fleet if fleet else None,
            targets=tuple(option("--target")),
            lab=_scenario(lab, here) if lab else None,
            mode=_mode([name for name in _MODES if option(f"--{name}")], lab=bool(lab)),
            consents=frozenset(text.lower() for text in option("--consent")),
            checks=tuple(dict.fromkeys(_folder(here / text) for text in option("--checks"))),
            evidence=here / option("--evidence"),
            waivers=here / option("--waivers") if option("--waivers") else None,
            concurrency=option("--concurrency"),
            way=_way({name: option(name) for name in _WAY}, here, lab=bool(lab)),
        )

    @property
    def names_targets(self) -> bool:
        """True when there is something to check."""
        return bool(self.fleet or self.targets or self.lab)

    def way_in(self, fleet: Fleet) -> WayIn:
        """Return the way into the cloud: what the fleet file says, and what options say instead."""
        return fleet.cloud.overridden_by(self.way)

    def named_fleet(self) -> Fleet | None:
        """Return the fleet that --fleet or --target give; None where the lab's own is meant. Raises `FleetError`."""
        if self.fleet:
            return load_fleet(self.fleet)
        return fleet_from_ids(self.targets) if self.targets else None


def _mode(given: list[Mode], *, lab: bool) -> Mode:
    if len(given) > 1:
        first, second = (f"--{name}" for name in given[:2])
        raise UsageError(f"{first} and {second} contradict each other: give one of them.")
    return given[0] if given else "generalize" if lab else "observe"


def _way(given: dict[str, str | None], here: Path, *, lab: bool) -> WayIn:
    named = [option for option, value in given.items() if value]
    if lab and named:
        raise UsageError(
            f"--lab and {named[0]} contradict each other: --lab starts a cloud of its own. Give one of them."
        )
    endpoint, authority, ca = (value or None for value in given.values())
    try:
        return WayIn(arm_endpoint=endpoint, authority=authority, ca=here / ca if ca else None)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        option = f"--{str(first['loc'][0]).replace('_', '-')}"
        raise UsageError(f"{option}: {first['ctx']['error']}.") from None


def _scenario(text: str, here: Path) -> str:
    """Return the scenario's name, or its absolute path where it is a file or a folder of scenarios."""
    if text.endswith((".yaml", ".yml")) or ("/" in text and any((here / text).glob("*.y*ml"))):
        return str(here / text)
    if "/" in text or "::" in text or text.endswith(".py"):
        raise UsageError(
            f"--lab {text}: that is no scenario. To select checks by path, write --lab=demo (with =) before the path."
        )
    return text


def _folder(path: Path) -> Path:
    if not path.is_dir():
        near = difflib.get_close_matches(path.name, [item.name for item in path.parent.glob("*/")], n=1)
        hint = f" Did you mean {path.parent / near[0]}?" if near else ""
        raise UsageError(f"--checks {path}: there is no such folder.{hint}")
    return path.resolve()

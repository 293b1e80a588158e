"""What the command line asks for."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import ValidationError

from reports.evidence import Mode
from runners.errors import UsageError
from runners.fleet import Fleet, Target, load_fleet
from runners.fleet_options import fleet_from_options
from runners.shard import Shard
from runners.treatment import ACCOUNT
from runners.way_in import WayIn

_MODES: tuple[Mode, ...] = ("generalize", "observe", "confirm")

_CONFIRMING = ("--file", "--account", "--digest")
"""What is only for what others sealed."""

_WAY = ("--arm-endpoint", "--authority", "--ca")


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for, with every path absolute."""

    fleet: Path | None
    targets: tuple[str, ...]
    selects: tuple[str, ...]
    files: tuple[Path, ...]
    platform: Literal["linux", "windows"] | None
    accounts: tuple[str, ...]
    digest: bool
    lab: str | None
    mode: Mode
    consents: frozenset[str]
    take_overs: frozenset[str]
    resumes: tuple[Path, ...]
    checks: tuple[Path, ...]
    evidence: Path
    waivers: Path | None
    sign_key: str | None
    """Where the key is that signs: a file's absolute path, or `env:NAME`."""
    allow_lab: bool
    concurrency: int
    shard: Shard | None
    way: WayIn
    """What the options say of the cloud; the fleet file may say more."""

    @classmethod
    def of(cls, config: pytest.Config) -> Request:
        """Read the options; paths start where the user stands. Raises `UsageError` for what can't go together."""
        option: Any = config.getoption
        here = config.invocation_params.dir
        lab, fleet = option("--lab"), option("--fleet")
        named = [name for name in ("--target", "--select", "--file") if option(name)]
        if fleet and named:
            raise UsageError(f"--fleet and {named[0]} both name targets: put it into the fleet file, or drop one.")
        if option("--platform") and not named:
            raise UsageError(
                "--platform is for what --target, --select and --file name; in a fleet file the key `platform` says it "
                "of each target."
            )
        if option("--concurrency") < 1:
            raise UsageError(f"--concurrency {option('--concurrency')}: at least 1 call must be allowed at once.")
        mode = _mode([name for name in _MODES if option(f"--{name}")], lab=bool(lab))
        _only_confirmed([name for name in _CONFIRMING if option(name)], mode)
        for name in ("--take-over", "--resume"):
            if option(name) and mode != "generalize":
                raise UsageError(f"{name} finishes what a run began that generalized: give --generalize with it.")
        return cls(
            fleet=here / fleet if fleet else None,
            targets=tuple(option("--target")),
            selects=tuple(option("--select")),
            files=tuple(here / text for text in option("--file")),
            platform=option("--platform"),
            accounts=tuple(dict.fromkeys(map(_account, option("--account")))),
            digest=option("--digest"),
            lab=_scenario(lab, here) if lab else None,
            mode=mode,
            consents=frozenset(text.lower() for text in option("--consent")),
            take_overs=frozenset(text.lower() for text in option("--take-over")),
            resumes=tuple(here / text for text in option("--resume")),
            checks=tuple(dict.fromkeys(_folder(here / text) for text in option("--checks"))),
            evidence=here / option("--evidence"),
            waivers=here / option("--waivers") if option("--waivers") else None,
            sign_key=_key(option("--sign-key"), here),
            allow_lab=option("--allow-lab"),
            concurrency=option("--concurrency"),
            shard=Shard.parse(option("--shard")) if option("--shard") else None,
            way=_way({name: option(name) for name in _WAY}, here, lab=bool(lab)),
        )

    @property
    def names_targets(self) -> bool:
        """True when there is something to check."""
        return bool(self.fleet or self.targets or self.selects or self.files or self.lab)

    def way_in(self, fleet: Fleet) -> WayIn:
        """Return the way into the cloud: what the fleet file says, and what options say instead."""
        return fleet.cloud.overridden_by(self.way)

    def named_fleet(self) -> Fleet | None:
        """Return the fleet that --fleet, or --target, --select and --file give; None where the lab's own is meant.

        Raises `FleetError`.
        """
        if self.fleet:
            return load_fleet(self.fleet)
        if not (self.targets or self.selects or self.files):
            return None
        fleet = fleet_from_options(self.targets, self.files, self.selects)
        said = {"platform": self.platform}
        targets = tuple(item.model_copy(update=said) for item in fleet.targets)
        selectors = tuple(item.model_copy(update=said) for item in fleet.selectors)
        return fleet.model_copy(update={"targets": targets, "selectors": selectors})

    def treated(self, fleet: Fleet) -> Fleet:
        """Return the fleet with what options say of every target. Raises `UsageError` for one that can't be treated."""
        disks = [target for target in fleet.targets if target.kind != "vm"]
        if disks and self.mode != "confirm":
            first = disks[0]
            raise UsageError(
                f"target {first.name} is a {first.kind}, and a {first.kind} can't be asked or generalized; what others "
                "sealed is judged with --confirm. Nothing was started."
            )
        return fleet.model_copy(update={"targets": tuple(map(self._treated, fleet.targets))})

    def _treated(self, target: Target) -> Target:
        accounts = tuple(dict.fromkeys((*target.accounts, *self.accounts)))
        # Nobody's policy forbids to read a file that lies here.
        witness = "disk" if target.kind == "file" else target.witness
        return target.model_copy(
            update={"accounts": accounts, "digest": target.digest or self.digest, "witness": witness}
        )


def _mode(given: list[Mode], *, lab: bool) -> Mode:
    if len(given) > 1:
        first, second = (f"--{name}" for name in given[:2])
        raise UsageError(f"{first} and {second} contradict each other: give one of them.")
    return given[0] if given else "generalize" if lab else "observe"


def _only_confirmed(given: list[str], mode: Mode) -> None:
    if given and mode != "confirm":
        instead = ""
        if "--account" in given:
            instead = " (what Sealproof itself seals says deprovision_user in the fleet file)"
        raise UsageError(f"{given[0]} is for --confirm, which judges what others sealed{instead}. Nothing was started.")


def _account(name: str) -> str:
    if not ACCOUNT.fullmatch(name):
        raise UsageError(f"--account {name[:60]!r} is no account name. Give a name as in /etc/passwd.")
    return name


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


def _key(text: str | None, here: Path) -> str | None:
    # What is no path is left as it is: whoever reads the key says so, without repeating it.
    return text if not text or text.startswith("env:") or "-----" in text else str(here / text)


def _folder(path: Path) -> Path:
    if not path.is_dir():
        near = difflib.get_close_matches(path.name, [item.name for item in path.parent.glob("*/")], n=1)
        hint = f" Did you mean {path.parent / near[0]}?" if near else ""
        raise UsageError(f"--checks {path}: there is no such folder.{hint}")
    return path.resolve()

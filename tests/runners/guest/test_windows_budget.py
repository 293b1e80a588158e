"""What asking a Windows guest costs: invocations of Run Command, through the lab's own tail of 4,096 bytes."""

from __future__ import annotations

import asyncio
import json
import random
import re
import string
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from checks.facts import WindowsGuest
from lab.arm.run_command import TAIL, answer
from lab.guests.answer_frame import AnswerFrames, SentScript
from lab.guests.simulated import SimulatedGuest
from runners.generalize.sysprep_script import Look, watch_windows
from runners.guest.frame import PAGE_LIMIT
from runners.guest.run_command import RunCommandChannel
from runners.guest.script import RawAnswers, ask
from runners.observe.guest import parse
from tests.runners.guest.machines import InstantScheduler

AIM = 2
"""Invocations before the gate, for an ordinary VM."""


def asked(patch: Mapping[str, Any], profile: str | None = None, extra: Path | None = None, **raw: str) -> RawAnswers:
    settings = {"answers": "windows-healthy", "patch": patch, "disk": "windows-configured", "raw": raw}
    guest = SimulatedGuest.from_scenario("win01", "windows", settings)

    async def start(script: str) -> Mapping[str, Any]:
        return answer("windows", guest.run(script))

    channel = RunCommandChannel(start, InstantScheduler())
    return asyncio.run(ask(channel, "windows", profile=profile, extra=[extra] if extra else ()))


def facts(raw: RawAnswers) -> WindowsGuest:
    guest = parse("windows", raw)
    assert isinstance(guest, WindowsGuest)
    return guest


def packages(total: int) -> dict[str, Any]:
    """Return the answer of a server with many Store packages: the guest names 40 of them and counts all."""
    chance = random.Random(11)
    named = [
        {
            "name": f"{chance.getrandbits(64):016x}.App",
            "installed": f"1.{chance.randrange(9999)}.0.0",
            "provisioned": "",
        }
        for _ in range(40)
    ]
    return {"appx": {"unprovisioned_packages": {"value": named}, "unprovisioned_packages_total": {"value": total}}}


def volumes(count: int) -> dict[str, Any]:
    """Return the answer of a server with many volumes that have no letter, each with a GUID of its own."""
    chance = random.Random(7)
    guids = [f"{chance.getrandbits(128):032x}" for _ in range(count)]
    names = [f"\\\\?\\Volume{{{g[:8]}-{g[8:12]}-{g[12:16]}-{g[16:20]}-{g[20:]}}}\\" for g in guids]
    found = [{"mount": name, "conversion_status": 0, "protection_status": 0} for name in names]
    return {"volumes": {"volumes": {"value": found}}}


def test_an_ordinary_server_is_asked_within_the_aim() -> None:
    raw = asked({})
    assert raw.invocations <= AIM
    assert raw.cut == frozenset()


@pytest.mark.parametrize("profile", [None, "vhd-upload"])
def test_a_probe_of_a_profile_is_sent_with_it_alone(profile: str | None) -> None:
    raw = asked({}, profile)
    assert ("vhd_upload" in raw.digests) == (profile is not None)
    assert facts(raw).vhd_upload.power_plan.known == (profile is not None)
    assert raw.invocations <= AIM


def test_a_server_with_forty_volumes_arrives_whole_within_the_aim() -> None:
    raw = asked(volumes(40))
    assert len(facts(raw).volumes.value) == 40
    assert raw.invocations <= AIM


def test_a_server_with_300_packages_and_forty_volumes_arrives_whole_within_the_aim() -> None:
    raw = asked(packages(300) | volumes(40))
    guest = facts(raw)
    assert (len(guest.appx.unprovisioned_packages.value), guest.appx.unprovisioned_packages_total.value) == (40, 300)
    assert len(guest.volumes.value) == 40
    assert raw.cut == frozenset()
    assert raw.invocations <= AIM


def test_of_a_log_of_two_megabytes_what_the_watch_script_sends_fits_into_its_one_page() -> None:
    script = watch_windows("ab" * 16, datetime(2026, 11, 22, tzinfo=UTC), "shutdown", Look(480, 600))
    # $first_lines, $last_lines, $line_length, $tail_bytes = 8, 4, 240, 65536
    found = re.search(r"\$first_lines, \$last_lines, \$line_length, \$tail_bytes = (\d+), (\d+), (\d+), (\d+)", script)
    assert found
    first, last, length, tail = map(int, found.groups())
    assert tail < 2_000_000  # it reads the end alone, whatever the log's size
    chance = random.Random(13)
    lines = ["".join(chance.choices(string.printable[:94], k=length)) for _ in range(first + last)]
    raw = json.dumps({"error_lines": {"value": lines}, "log_bytes": {"value": 2_000_000}})
    page = AnswerFrames().first_page(SentScript.read(script), [("watch", raw)])
    assert page.startswith("{sealproof:1:")
    assert len(page) <= TAIL


def test_whatever_an_answer_holds_it_arrives_whole_or_not_at_all(tmp_path: Path) -> None:
    own = tmp_path / "noise.ps1"
    own.write_text("'noise'")
    noise = random.Random(7).randbytes(9_000).hex()
    raw = asked(volumes(40), "vhd-upload", own, noise=noise)
    assert raw.answers["noise"].decode() == noise
    assert len(facts(raw).volumes.value) == 40
    assert AIM < raw.invocations <= PAGE_LIMIT

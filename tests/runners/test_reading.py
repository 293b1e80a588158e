"""A disk in a file is read once more where its reader process was killed, as one behind a SAS is."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest

from checks.facts import LinuxDisk, Observation, Unobserved
from lab.images import open_image
from runners.confirm_disk import ConfirmFilePath
from runners.disk.file import DiskFile
from runners.fleet import Target
from runners.scheduler import ThreadScheduler
from tests.runners.disk.processes import children
from tests.runners.generalize.fakes import Journal

T = TypeVar("T")


class Alone(ConfirmFilePath):
    """The way of one file, without a run around it."""

    def __init__(self, target: Target, scheduler: ThreadScheduler) -> None:
        self._target = target
        self._world: Any = SimpleNamespace(scheduler=scheduler)

    async def _timed(self, step: str, work: Awaitable[T]) -> T:
        return await work

    async def observe(self, journal: Journal) -> Observation:
        return await self._observe(journal)


@pytest.mark.parametrize("times", [1, 2])
def test_the_reader_of_a_file_is_started_once_more(times: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = open_image("linux-sealed")
    (tmp_path / "golden.img").write_bytes(image.read(0, image.size))
    others = children()
    killed: list[int] = []
    read = DiskFile.read

    def struck(self: DiskFile, offset: int, length: int) -> bytes:
        started = children() - others
        if started and len(killed) < times:
            (process,) = started
            os.kill(process, signal.SIGKILL)
            killed.append(process)
        return read(self, offset, length)

    monkeypatch.setattr(DiskFile, "read", struck)
    scheduler, journal = ThreadScheduler(1), Journal()
    target = Target.model_validate({"name": "golden", "file": tmp_path / "golden.img", "platform": "linux"})
    try:
        seen = asyncio.run(Alone(target, scheduler).observe(journal))
    finally:
        scheduler.close()

    assert len(killed) == times
    if times == 1:
        assert isinstance(seen.disk, LinuxDisk)
        assert journal.events == ["read.begin", "disk.again", "read.end"]
    else:
        assert isinstance(seen.disk, Unobserved)
        assert "was killed with signal 9" in seen.disk.reason
        assert journal.events == ["read.begin", "disk.again", "read.failed"]

"""A planted Linux machine that is asked everything, for the tests of probes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks.facts import Fact, LinuxGuest
from runners.guest.frame import open_pages, read_page, read_payload
from runners.guest.script import RawAnswers, load_probes, question
from runners.observe.guest_linux import parse_linux
from tests.runners.guest.machines import PlantedGuest
from tests.runners.guest.planted import CANARY, FILES, LINKS, PATH

NONCE = "ab" * 8


def reason(fact: Fact[Any]) -> str:
    """Return why a fact is unknown; nothing where it is known."""
    return str(fact.to_json().get("unknown", ""))


@dataclass
class Machine:
    """A planted machine, with `change`s to an ordinary guest; None takes a file away."""

    folder: Path

    def look(
        self,
        change: Mapping[str, str | bytes | None] | None = None,
        *,
        links: Mapping[str, str] | None = None,
        shell: Sequence[str] = ("sh",),
        probes: Sequence[str] = (),
    ) -> LinuxGuest:
        """Return what is seen; `probes` names those that are sent, all where none is named."""
        files = {name: content for name, content in {**FILES, **(change or {})}.items() if content is not None}
        guest = PlantedGuest(self.folder, files, shell=shell, links=LINKS if links is None else links, path=PATH)
        sent = [probe for probe in load_probes("linux") if probe.name in probes or not probes]
        done = guest.run(question("linux", sent, NONCE, 500_000))
        assert done.stderr == b""
        assert CANARY.encode() not in done.stdout
        page = read_page(done.stdout.decode(), NONCE, 1)
        answers = read_payload(open_pages([page]), [probe.name for probe in sent]).raw
        assert all(CANARY.encode() not in (raw or b"") for raw in answers.values())
        whole = {name: raw for name, raw in answers.items() if raw is not None}
        return parse_linux(RawAnswers(whole, frozenset(answers.keys() - whole.keys()), {}, 1))

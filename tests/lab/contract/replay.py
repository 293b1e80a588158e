"""A recording, replayed against a lab that was seeded from it."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal
from unittest.mock import patch
from urllib.parse import urlsplit

from lab.arm.cloud import Cloud
from lab.arm.routes import OPERATIONS
from lab.server import serve
from tests.lab.contract.recordings import Item, Recording
from tests.lab.contract.seed import seeded, seeded_guest, tag_groups
from tests.lab.contract.shape import Difference, Rule
from tests.lab.contract.tolerated import exchange_differences
from tests.lab.contract.wire import Exchange, exchange_of
from tests.lab.machines import Arm

Verdict = Literal["covered", "uncovered", "differs"]

# .../providers/Microsoft.Compute/locations/westus/operations/899fcfd0-e360-436c-ae0f-1ecd51d389e3
_OPERATION = re.compile(r".*/(operations|DiskOperations|capsOperations|operationStatuses)/([^/]+)", re.IGNORECASE)
_AFFECTS = {
    "PUT virtualMachines/extensions": (
        r"\$\.resources.*",
        r"\$\.properties\.provisioningState",
        r"\$\.properties\.instanceView\.(vmAgent|extensions|computerName|osName|osVersion|disks).*",  # the agent tells
    )
}
"""Where an operation that the lab does not play shows in later answers; everywhere, where nothing is said."""
_ROUTES = tuple(
    (operation, re.compile(re.sub(r"\{[^}]+\}", "[^/]+", operation.path), re.IGNORECASE)) for operation in OPERATIONS
)


@dataclass(frozen=True)
class Outcome:
    """How the replay of one exchange went."""

    seq: int
    operation: str
    """The lab's name where it plays it, such as `virtualMachines/powerOff`; else `PUT images`."""
    verdict: Verdict
    reason: str = ""
    """Why it is uncovered."""
    differences: tuple[Difference, ...] = ()
    rules: frozenset[Rule] = frozenset()
    """What excused the differences that are none."""
    answer: Exchange | None = None
    """What passed between the replay and the lab; None where the lab was not asked."""


@dataclass(frozen=True)
class Started:
    """An operation that an accepted request started."""

    operation: str
    headers: dict[str, str]
    """The lab's; empty where the lab does not play what started it."""


class Gate:
    """Holds the lab's long-running operations until the recording says that they ended."""

    def __init__(self) -> None:
        self._open = threading.Event()

    async def hold(self, cloud: Cloud) -> None:
        """Wait, in place of `Cloud.take_time`."""
        await cloud.in_thread(self._open.wait, 20)

    def open(self) -> None:
        """Let what runs end."""
        self._open.set()

    def close(self) -> None:
        """Hold what starts from now on."""
        self._open.clear()


@dataclass
class _Replay:
    """One recording on its way through a lab."""

    recording: Recording
    arm: Arm
    gate: Gate
    started: dict[str, Started] = field(default_factory=dict)
    """By the id that the recording gives the operation."""
    diverged: dict[str, str] = field(default_factory=dict)
    """Path of what the recording changed and the lab could not, in lower case; and the operation that did it."""

    def run(self) -> list[Outcome]:
        """Return how each exchange went, in order."""
        return [self._outcome(item) for item in self.recording.items]

    def _outcome(self, item: Item) -> Outcome:
        polled = _OPERATION.fullmatch(item.exchange.path)
        if polled is not None:
            return self._poll(item, polled[2])
        operation = operation_name(item.exchange)
        if _played(item.exchange) is None:
            return self._unplayed(item, operation, "the lab does not play it")
        answer = self._send(item.exchange)
        if answer.status == 501:
            return self._unplayed(item, operation, answer.body["error"]["message"])
        self._note_start(item.exchange, operation, dict(answer.headers))
        recorded, url = operation_id(item.exchange.headers), answer.headers.get("azure-asyncoperation")
        if recorded is not None and url is not None and not self._polled_to_its_end(recorded):
            self._ended(url)
        return self._compared(item, operation, answer)

    def _send(self, exchange: Exchange) -> Exchange:
        query = "&".join(f"{name}={value}" for name, value in exchange.query.items())
        response = self.arm(exchange.method, f"{exchange.path}?{query}", json=exchange.sent)
        return exchange_of(response)

    def _poll(self, item: Item, recorded: str) -> Outcome:
        started = self.started.get(recorded)
        if started is None or not started.headers:
            what = started.operation if started else "what is not in the recording"
            return Outcome(item.seq, f"poll of {what}", "uncovered", "the lab did not start it")
        operation = f"poll of {started.operation}"
        result = "monitor" in item.exchange.query
        url = started.headers.get("location" if result else "azure-asyncoperation")
        if url is None:
            lost = Difference("missing", "the URL to poll", item.exchange.path, None)
            return Outcome(item.seq, operation, "differs", differences=(lost,))
        if not result and item.exchange.body["status"] == "InProgress":
            answer = exchange_of(self.arm("GET", url))
        else:
            answer = self._ended(url)
        return self._compared(item, operation, answer)

    def _ended(self, url: str) -> Exchange:
        """Let the lab's operation end and return what its URL says then."""
        self.gate.open()
        while True:
            answer = exchange_of(self.arm("GET", url))
            if answer.status != 202 and (answer.body or {}).get("status") != "InProgress":
                self.gate.close()
                return answer

    def _polled_to_its_end(self, recorded: str) -> bool:
        polls = (item.exchange for item in self.recording.items if f"/{recorded}" in item.exchange.path)
        return any("monitor" in poll.query or poll.body["status"] != "InProgress" for poll in polls)

    def _note_start(self, exchange: Exchange, operation: str, headers: dict[str, str]) -> None:
        recorded = operation_id(exchange.headers)
        if recorded is not None:
            self.started[recorded] = Started(operation, headers)

    def _unplayed(self, item: Item, operation: str, reason: str) -> Outcome:
        exchange = item.exchange
        self._note_start(exchange, operation, {})
        if exchange.method != "GET" and exchange.status < 400 and "/deployments/" not in exchange.path:
            self.diverged[exchange.path.lower()] = operation
        return Outcome(item.seq, operation, "uncovered", reason)

    def _compared(self, item: Item, operation: str, answer: Exchange) -> Outcome:
        found, rules = exchange_differences(item.exchange, answer)
        cause = self._cause(item.exchange.path.lower(), found) if found else ""
        return Outcome(
            item.seq,
            operation,
            verdict="uncovered" if cause else "differs" if found else "covered",
            reason=f"follows {cause}, not played" if cause else "",
            differences=tuple(found),
            rules=frozenset(rules),
            answer=answer,
        )

    def _cause(self, path: str, found: list[Difference]) -> str:
        """Return what changed the resource of a path, or something below it, such that it explains what was found."""
        changes = [operation for changed, operation in self.diverged.items() if _concerns(changed, path)]
        places = [place for operation in changes for place in _AFFECTS.get(operation, (".*",))]
        explained = all(any(re.fullmatch(place, difference.place) for place in places) for difference in found)
        return " and ".join(dict.fromkeys(changes)) if explained else ""


def _concerns(changed: str, path: str) -> bool:
    """Whether a change at one path shows at another: at a VM what happens to its extensions, in lists their items."""
    parent = "/".join(changed.split("/")[:9])
    return path == parent or path.startswith(f"{parent}/") or ("/providers/" in path and changed.startswith(f"{path}/"))


def replay(recording: Recording, folder: Path) -> list[Outcome]:
    """Replay a recording against a lab of its own and return how each exchange went. The scenario goes to `folder`."""
    gate = Gate()
    with (
        patch.object(Cloud, "take_time", lambda cloud: gate.hold(cloud)),
        serve(seeded(recording, folder), guests=partial(seeded_guest, recording)) as running,
    ):
        arm = Arm(running)
        try:
            tag_groups(recording, arm)
            return _Replay(recording, arm, gate).run()
        finally:
            gate.open()
            arm.close()


def operation_name(exchange: Exchange) -> str:
    """Return the lab's name of an operation, or method and kind of what it does not play: `PUT galleries/images`."""
    played = _played(exchange)
    if played is not None:
        return played
    # /subscriptions/S/resourceGroups/G/providers/Microsoft.Compute/galleries/gallery1/images/image1
    _, provider, tail = exchange.path.rpartition("/providers/")
    parts = tail.split("/")[1:]
    kind = "/".join(parts[::2]) if provider else "resourceGroups"
    if exchange.method == "POST":
        kind = "/".join((*parts[:-1:2], parts[-1]))
    return f"{exchange.method} {kind}"


def operation_id(headers: Mapping[str, str]) -> str | None:
    """Return the id of the operation that an accepted request started."""
    url = headers.get("azure-asyncoperation") or headers.get("location")
    match = _OPERATION.fullmatch(urlsplit(url).path) if url else None
    return match[2] if match else None


def _played(exchange: Exchange) -> str | None:
    for operation, path in _ROUTES:
        if operation.method == exchange.method and path.fullmatch(exchange.path):
            return operation.name
    return None

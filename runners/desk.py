"""The desk: where pytest-xdist's workers ask the process that controls them, which drives the run.

A worker connects once, says who it is, and asks; it waits for each answer. Both sides send JSON. The socket is in a
folder that only this user may enter, and who connects must know a random key, which workers get from pytest-xdist.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from reports.evidence import Result, Rule, Target
from runners.errors import ChannelError, DeskError, ObservationError, SealproofError, UsageError
from runners.findings import Findings
from runners.guest.channel import Output
from runners.votes import PlainTest

_PATIENCE_SECONDS = 1
_LOST = (
    "this worker lost the process that drives the run, so what was found can't be shown here. The run's record is "
    "written by that process: see evidence/latest"
)


class Telling(BaseModel):
    """What a worker collected: the same in all workers, or nothing is started."""

    model_config = ConfigDict(frozen=True)

    ids: tuple[str, ...]
    """The node ids of all its items, in their order."""
    shows: bool
    """Whether any of them shows something of a target."""
    selection: frozenset[tuple[str, str]]
    """As `runners.engine.Selection`."""
    tests: tuple[PlainTest, ...]
    errors: int
    """How many files could not be collected."""


class Desk:
    """The controller's side. It serves each worker in a thread of its own until `close`.

    `told` is called with a worker's id and what it collected. `findings` gives what was found, once there is an engine.
    """

    def __init__(self, told: Callable[[str, Telling], None], findings: Callable[[str], Findings | None]) -> None:
        self._told = told
        self._findings = findings
        self._folder = Path(tempfile.mkdtemp(prefix="sealproof-"))
        self._key = secrets.token_bytes(32)
        self._connections: list[Connection[Any, Any]] = []
        self._lock = threading.Lock()
        self._closed = False
        try:
            self._listener = Listener(str(self._folder / "desk"), "AF_UNIX", backlog=64, authkey=self._key)
        except OSError as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise UsageError(
                f"-n: workers reach this process by a socket in {self._folder}, which could not be opened: {error}. "
                "Set TMPDIR to a short path on a local disk, or leave -n away."
            ) from None
        self._thread = threading.Thread(target=self._accept, name="sealproof-desk", daemon=True)
        self._thread.start()

    @property
    def invitation(self) -> dict[str, Any]:
        """What a worker needs to come here. It holds the key: give it to nobody else."""
        return {"address": self._listener.address, "key": self._key}

    def close(self) -> None:
        """Serve nobody any more; who still waits here is told so by the end of its connection."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            for connection in self._connections:
                _hang_up(connection)
        # accept() does not notice that its socket is closed, only that somebody comes. Nobody may answer any more, so
        # this must not wait: neither for room in the queue nor for a greeting.
        with socket.socket(socket.AF_UNIX) as visitor, suppress(OSError):
            visitor.setblocking(False)
            visitor.connect(self._listener.address)
        # A worker that hangs while it connects keeps nobody from going home.
        self._thread.join(_PATIENCE_SECONDS)
        self._listener.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except (OSError, EOFError, AuthenticationError):
                # A worker that died while it connected. Without a listener nobody could come again.
                if self._closed:
                    return
                continue
            with self._lock:
                if self._closed:
                    connection.close()
                    return
                self._connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), name="sealproof-clerk", daemon=True).start()

    def _serve(self, connection: Connection[Any, Any]) -> None:
        try:
            worker = str(_receive(connection)["worker"])
            while True:
                _send(connection, self._answer(worker, _receive(connection)))
        except (OSError, EOFError):
            pass  # the worker is gone, or the desk is closed
        finally:
            with self._lock:
                self._connections.remove(connection)
            connection.close()

    def _answer(self, worker: str, question: Mapping[str, Any]) -> dict[str, Any]:
        if question["ask"] == "telling":
            self._told(worker, Telling.model_validate_json(question["telling"]))
            return {"answer": ""}
        findings = self._findings(worker)
        if findings is None:
            return {"error": "the run was never started"}
        try:
            if question["ask"] == "row":
                row = findings.row(question["check"], question["target"])
                return {"answer": json.dumps([row.model_dump_json(), row.rule.model_dump_json()])}
            if question["ask"] == "platform":
                return {"answer": findings.platform(question["target"])}
            if question["ask"] == "run":
                said = findings.run(question["target"], question["platform"], question["script"])
                return {"answer": json.dumps([said.stdout, said.stderr])}
            return {"answer": findings.target(question["target"]).model_dump_json()}
        except ObservationError as error:
            return {"refusal": str(error)}
        except SealproofError as error:
            return {"error": str(error)}


class DeskFindings:
    """A worker's side: what the engine found, asked for at the desk. Raises `DeskError` where the desk is gone."""

    def __init__(self, invitation: Mapping[str, Any], worker: str) -> None:
        self._lock = threading.Lock()
        try:
            self._connection = Client(invitation["address"], authkey=invitation["key"])
            _send(self._connection, {"worker": worker})
        except (OSError, EOFError, AuthenticationError) as error:
            raise DeskError(f"{_LOST} ({error})") from None

    def tell(self, telling: Telling) -> None:
        """Say what was collected here."""
        self._ask({"ask": "telling", "telling": telling.model_dump_json()})

    def row(self, check: str, target: str) -> Result:
        """Wait until the row is there and return it."""
        row, rule = json.loads(self._ask({"ask": "row", "check": check, "target": target}))
        return Result.model_validate_json(row).ruled(Rule.model_validate_json(rule))

    def target(self, name: str) -> Target:
        """Wait until the target is through and return its record."""
        return Target.model_validate_json(self._ask({"ask": "target", "target": name}))

    def platform(self, target: str) -> str:
        """Wait until the target was observed and return its platform."""
        return self._ask({"ask": "platform", "target": target})

    def run(self, target: str, platform: str, script: str) -> Output:
        """Run a script in the target's guest. Raises `ChannelError`, also for what Azure refused."""
        answer = self._ask({"ask": "run", "target": target, "platform": platform, "script": script})
        stdout, stderr = json.loads(answer)
        return Output(stdout, stderr)

    def close(self) -> None:
        """Leave the desk."""
        self._connection.close()

    def _ask(self, question: Mapping[str, Any]) -> str:
        try:
            with self._lock:
                _send(self._connection, question)
                reply = _receive(self._connection)
        except (OSError, EOFError):
            raise DeskError(_LOST) from None
        if "refusal" in reply:
            raise ChannelError(str(reply["refusal"]))
        if "error" in reply:
            raise DeskError(str(reply["error"]))
        return str(reply["answer"])


def _send(connection: Connection[Any, Any], message: Mapping[str, Any]) -> None:
    connection.send_bytes(json.dumps(message).encode())


def _receive(connection: Connection[Any, Any]) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(connection.recv_bytes())
    return message


def _hang_up(connection: Connection[Any, Any]) -> None:
    """End a connection for both sides, also for a thread that reads from it, which `close` would not wake."""
    with socket.socket(fileno=os.dup(connection.fileno())) as end, suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)

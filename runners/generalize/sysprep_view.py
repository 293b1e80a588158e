"""What is seen of a launched Sysprep at one time, from inside the guest."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts import Fact
from runners.guest.channel import Output
from runners.guest.frame import open_pages, read_page, read_payload
from runners.guest.script import RawAnswers
from runners.observe.guest_objects import Object
from runners.observe.record import observed

PROBE = "watch"


@dataclass(frozen=True, slots=True)
class SysprepView:
    """One answer of the watch script."""

    sysprep_processes: Fact[tuple[str, ...]]
    """Names of the processes of Sysprep that live."""
    image_state: Fact[str]
    """ImageState in the registry."""
    success_tag: Fact[str]
    """When Sysprep wrote its success tag; absent where there is none since the launch."""
    error_lines: Fact[tuple[str, ...]]
    """Lines of Sysprep's error log since the launch: the first and the last ones."""
    log_bytes: Fact[int]
    """Size of its two logs."""
    quiet_seconds: Fact[int]
    """For how long neither its logs nor its ImageState have changed."""


def read_view(output: Output, nonce: str) -> SysprepView:
    """Return what a watch script saw. Raises `FrameError` for an answer that is incomplete, damaged or not ours."""
    payload = open_pages([read_page(output.stdout, nonce, 1)])
    raw = read_payload(payload, [PROBE]).raw[PROBE]
    answers = RawAnswers(
        answers={} if raw is None else {PROBE: raw},
        cut=frozenset({PROBE} if raw is None else ()),
        digests={},
        invocations=1,
    )
    return observed(SysprepView, Object(answers, PROBE))

"""Serial logs of launches: real output of waagent, as the launched script writes it to the console."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

RECORDINGS = Path(__file__).parent / "recordings"
NONCE = "6f1c0d6f1c0d6f1c0d6f"
CLEAN = ("machine-id", "passwd-backups")


def recording(run: str) -> str:
    """Return what the real waagent printed in the run with this letter."""
    return next(RECORDINGS.glob(f"{run}-*.txt")).read_text(encoding="utf-8")


HEALTHY_AGENT = recording("A")


def transcript(nonce: str, agent: str, exit_code: int = 0, clean: Sequence[str] = CLEAN, *, end: bool = True) -> bytes:
    """Return the serial lines of one launch."""
    said = ["begin", "as root", *(f"waagent| {line}" for line in agent.splitlines()), f"waagent-exit {exit_code}"]
    said += [f"cleaned {key}" for key in clean] + (["end"] if end else [])
    return b"".join(f"\r\nsealproof[{nonce}]: {line}\r\n".encode() for line in said)

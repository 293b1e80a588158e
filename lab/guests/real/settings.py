"""What a scenario may say about a real guest."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lab.guests.real.hardware import MEMORY_MB
from lab.strict import Strict


class RealSettings(Strict):
    """A real guest's settings."""

    image: Literal["debian-bookworm"] = "debian-bookworm"
    """The image that it starts from; it is built once and kept."""
    memory_mb: int = Field(default=MEMORY_MB, ge=256)
    """Its memory in MiB."""

"""What a scenario may say about a real guest."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from lab.guests.real.hardware import MEMORY_MB
from lab.strict import Strict

PLANTS = Path(__file__).parent / "plants"


class RealSettings(Strict):
    """A real guest's settings."""

    image: Literal["debian-bookworm"] = "debian-bookworm"
    """The image that it starts from; it is built once and kept."""
    memory_mb: int = Field(default=MEMORY_MB, ge=256)
    """Its memory in MiB."""
    plant: tuple[str, ...] = ()
    """What breaks it: names of files in lab/guests/real/plants, run as root when it is started for the first time."""

    @field_validator("plant")
    @classmethod
    def _plants_are_known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        known = sorted(file.stem for file in PLANTS.glob("*.sh"))
        for name in names:
            if name not in known:
                raise ValueError(f"there is no plant {name[:40]!r}. Write {', '.join(known)}")
        return names

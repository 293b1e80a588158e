"""What every part of the record is made of: text that is bounded and visible, times in UTC, frozen models."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, WithJsonSchema

from reports.text import BLOCK_LIMIT, LINE_LIMIT, block, line

Line = Annotated[str, AfterValidator(line), WithJsonSchema({"type": "string", "maxLength": LINE_LIMIT})]
"""One line; hidden characters are escaped and the rest is cut with a mark."""
Block = Annotated[str, AfterValidator(block), WithJsonSchema({"type": "string", "maxLength": BLOCK_LIMIT})]
"""As `Line`, with line ends."""
Time = Annotated[AwareDatetime, AfterValidator(lambda time: time.astimezone(UTC))]
"""A time with its zone, kept as UTC."""


class Part(BaseModel):
    """Frozen; a key that nobody knows is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)

"""An entry of the fleet that names no VM, but says how to find some: `select`, with their treatment."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, field_validator, model_validator

from runners.query import FORMS, Query
from runners.treatment import Treatment

_OF_ONE = ("name", "id", "vm_id", "disk", "snapshot", "file")


class Selector(Treatment):
    """VMs that are found in Azure before a run, and how each of them is treated."""

    select: Annotated[tuple[str, ...], Field(strict=False)] = Field(
        description="conditions by which VMs are found, which must all hold"
    )

    @model_validator(mode="before")
    @classmethod
    def _names_nothing(cls, data: Any) -> Any:
        given = [key for key in _OF_ONE if isinstance(data, dict) and key in data]
        if given:
            raise ValueError(
                f"it has select and {given[0]}, which is of one VM, and a query may find several. Leave {given[0]} "
                "out, or give that VM an entry of its own, which wins over what is selected"
            )
        return data

    @field_validator("select")
    @classmethod
    def _can_be_asked(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError(f"it is empty. Give at least one of {FORMS}")
        Query.parse(value)
        return value

    @field_validator("channel")
    @classmethod
    def _channel_reaches_each(cls, value: str) -> str:
        if value != "run-command":
            raise ValueError(
                "it leads to one guest, and a query may find several. Leave it out for run-command, or give that VM an "
                "entry of its own"
            )
        return value

    @property
    def query(self) -> Query:
        """What it asks Azure for."""
        return Query.parse(self.select)

    def treats_like(self, other: Selector) -> bool:
        """Return whether both treat what they find alike."""
        return all(getattr(self, key) == getattr(other, key) for key in Treatment.model_fields)

"""A fact in the report of the reader process: believed in its form only."""

from __future__ import annotations

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from checks.facts import Fact

T = TypeVar("T")

Word = Annotated[str, StringConstraints(max_length=64)]
Name = Annotated[str, StringConstraints(max_length=255 * 4)]
Names = Annotated[list[Name], Field(max_length=500)]


class Strict(BaseModel):
    """Known fields only, each of its own type."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Raw(Strict, Generic[T]):
    """A fact as JSON has it: exactly one of `value`, `absent` and `unknown`."""

    value: T | None = None
    absent: Literal[True] | None = None
    unknown: Annotated[str, StringConstraints(min_length=1, max_length=1000)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Raw[T]:
        given = self.model_fields_set
        if len(given) != 1 or getattr(self, next(iter(given))) is None:
            raise ValueError("a fact has exactly one of value, absent and unknown")
        return self

    def fact(self) -> Fact[T]:
        """Return the fact."""
        if self.unknown is not None:
            return Fact.unknown(self.unknown)
        if self.absent or self.value is None:
            return Fact.missing()
        return Fact.of(self.value)

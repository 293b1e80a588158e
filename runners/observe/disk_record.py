"""A record of facts of a stopped disk, filled from the reader process's report by the types of its fields."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from checks.facts import Fact
from runners.errors import DiskError
from runners.observe.record import bounded, fact_types

R = TypeVar("R")


def disk_record(kind: type[R], where: str, raw: Mapping[str, Fact[Any]]) -> R:
    """Return the record `kind`, whose fields are all facts. `raw`: its facts, with their values as JSON has them.

    Raises `DiskError` where one is missing, is too many, or does not have its type.
    """
    types = fact_types(kind)
    if set(types) != set(raw):
        odd = sorted(set(types) ^ set(raw))[0]
        raise DiskError(f"the reader process's report is malformed at {where}.{odd[:64]}; nothing of it was used")
    return kind(**{name: _typed(raw[name], inner, f"{where}.{name}") for name, inner in types.items()})


def _typed(fact: Fact[Any], inner: Any, where: str) -> Fact[Any]:
    if not fact.known or fact.absent:
        return fact
    try:
        return Fact.of(_adapter(inner).validate_python(fact.value))
    except ValidationError as error:
        what = error.errors(include_url=False, include_input=False, include_context=False)[0]["msg"][:200]
        raise DiskError(
            f"the reader process's report is malformed at {where} ({what}); nothing of it was used"
        ) from None


@lru_cache(maxsize=256)
def _adapter(inner: Any) -> TypeAdapter[Any]:
    return TypeAdapter(bounded(inner, strict=True))

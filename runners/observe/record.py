"""A record of facts, filled from one probe's answer by the types of its fields.

    @dataclass(frozen=True, slots=True)
    class Servicing:
        reboot_pending: Fact[bool]
        pending_renames: Fact[int]
        busy_processes: Fact[tuple[str, ...]]
        packages: Fact[tuple[Package, ...]]       # a frozen dataclass of plain values

The answer of the probe `servicing` has a fact of each name. What does not have the type, or is longer than what is
taken from a guest, is unknown.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal, Protocol, TypeVar

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, TypeAdapter, create_model

from checks.facts import Fact
from runners.observe.guest_facts import LIST_LIMIT, ShortText

R = TypeVar("R")
T = TypeVar("T")
_NUMBER_LIMIT = 2**63


class Topic(Protocol):
    """The answer of one probe."""

    strict: bool
    """Whether numbers and booleans come as such (JSON), or as text (lines)."""

    def fact(self, key: str, adapter: TypeAdapter[T]) -> Fact[T]:
        """Return the single value `key`."""
        ...

    def facts(self, key: str, adapter: TypeAdapter[T]) -> Fact[T]:
        """Return the list `key`."""
        ...


def observed(kind: type[R], topic: Topic) -> R:
    """Return the record `kind`, whose fields are all facts, from its probe's answer. No answer makes it raise."""
    return kind(**{name: observed_fact(name, inner, topic) for name, inner in fact_types(kind).items()})


def observed_fact(name: str, inner: Any, topic: Topic) -> Fact[Any]:
    """Return the fact `name`, which is one of the type `inner`, from its probe's answer."""
    adapter: TypeAdapter[Any] = _adapter(inner, topic.strict)
    return topic.facts(name, adapter) if _is_list(inner) else topic.fact(name, adapter)


def topics(kind: type[Any]) -> Mapping[str, type[Any]]:
    """Return the records of a guest's facts by the names of their probes."""
    hints = typing.get_type_hints(kind)
    found = {item.name: hints[item.name] for item in dataclasses.fields(kind) if item.name != "own_answers"}
    return {name: hint for name, hint in found.items() if isinstance(hint, type) and dataclasses.is_dataclass(hint)}


def fact_types(kind: type[Any]) -> Mapping[str, Any]:
    """Return what the facts of a record are facts of, by name. Raises `TypeError` for a field that is no fact."""
    found = {}
    for name, hint in typing.get_type_hints(kind).items():
        if typing.get_origin(hint) is not Fact:
            raise TypeError(f"{kind.__name__}.{name} is no Fact[...]: a record of a topic holds facts only")
        (found[name],) = typing.get_args(hint)
    return found


def _is_list(inner: Any) -> bool:
    return typing.get_origin(inner) is tuple


@lru_cache(maxsize=512)
def _adapter(inner: Any, strict: bool) -> TypeAdapter[Any]:
    return TypeAdapter(bounded(inner, strict=strict))


def bounded(inner: Any, *, strict: bool) -> Any:
    """Return the type as pydantic shall read it from a guest: with limits, and nothing coerced that JSON can say."""
    if inner is str:
        return ShortText
    if inner is int:
        return Annotated[int, Field(ge=-_NUMBER_LIMIT, le=_NUMBER_LIMIT, strict=strict)]
    if inner is bool:
        return Annotated[bool, Field(strict=strict)]
    if _is_list(inner):
        item: Any = bounded(typing.get_args(inner)[0], strict=strict)
        items: Any = tuple.__class_getitem__((item, ...))
        return Annotated[items, BeforeValidator(plain_list), Field(max_length=LIST_LIMIT)]
    if isinstance(inner, type) and dataclasses.is_dataclass(inner):
        return _record(inner, strict=strict)
    if typing.get_origin(inner) in (Literal, types.UnionType, typing.Union) or inner is type(None):
        return inner
    raise TypeError(f"a guest's fact can't be of type {inner}: see runners/observe/record.py for those that can")


def _record(kind: type[Any], *, strict: bool) -> Any:
    hints = typing.get_type_hints(kind)
    parts: dict[str, Any] = {name: (bounded(hint, strict=strict), ...) for name, hint in hints.items()}
    model = create_model(kind.__name__, __config__=ConfigDict(extra="ignore"), **parts)
    split = BeforeValidator(_words(tuple(hints)))
    return Annotated[model, split, AfterValidator(lambda seen: kind(**{name: getattr(seen, name) for name in hints}))]


def _words(names: tuple[str, ...]) -> Callable[[object], object]:
    """Return what takes an item of lines apart: one word a field, and the last field has the rest of the line."""

    def split(value: object) -> object:
        return dict(zip(names, value.split(" ", len(names) - 1), strict=False)) if isinstance(value, str) else value

    return split


def plain_list(value: object) -> object:
    """Return the list in `value`, for what reads lists of a Windows guest."""
    # ConvertTo-Json of Windows PowerShell 5.1 may write a wrapped array as {"value": [..], "Count": 2}.
    if isinstance(value, dict) and set(value) == {"value", "Count"}:
        return value["value"]
    return value

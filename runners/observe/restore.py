"""Facts as evidence keeps them -> facts, by their types. The other way round is `checks.facts.plain`."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from typing import Any, Literal, TypeVar, cast

from checks.facts import (
    AzureFacts,
    Fact,
    Foretold,
    LinuxGuest,
    Observation,
    OwnAnswers,
    Policy,
    Unobserved,
    WindowsGuest,
)

T = TypeVar("T")
_GUESTS: Mapping[str, type[Any]] = {"linux": LinuxGuest, "windows": WindowsGuest}
_NOT_KEPT = "evidence keeps of what own probes print size and digest alone"


def restored_observation(document: Mapping[str, Any]) -> Observation:
    """Return the observation in a document of `before/`. Raises `ValueError` for one of another form."""
    try:
        platform, facts = document["platform"], document["facts"]
        return Observation(
            platform=platform,
            azure=_vantage(AzureFacts, facts["azure"]),
            guest=_vantage(_GUESTS[platform], facts["guest"]),
            policy=restored(Policy, facts["policy"]),
            forecast=tuple(restored(Foretold, item) for item in document["forecast"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"no facts of this version ({type(error).__name__}: {error})") from None


def restored(kind: Any, value: Any) -> Any:
    """Return `value` (JSON types) as the type `kind`. Raises `ValueError` where it has another form."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is Fact:
        return _fact(arguments[0], value)
    if kind is OwnAnswers:
        return OwnAnswers({str(name): Fact.unknown(_NOT_KEPT) for name in _of(dict, value)})
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints, given = typing.get_type_hints(kind), _of(dict, value)
        return kind(**{item.name: restored(hints[item.name], given[item.name]) for item in dataclasses.fields(kind)})
    if origin is tuple:
        return tuple(restored(arguments[0], item) for item in _of(list, value))
    if origin in (dict, Mapping):
        return {_of(str, name): restored(arguments[1], item) for name, item in _of(dict, value).items()}
    if origin in (types.UnionType, typing.Union):
        return _one_of(arguments, value)
    if origin is Literal:
        if value not in arguments:
            raise ValueError(f"{value!r} is none of {', '.join(map(repr, arguments))}")
        return value
    return _of(kind, value)


def _vantage(kind: type[T], value: Mapping[str, Any]) -> T | Unobserved:
    if value.keys() == {"unobserved"}:
        return Unobserved(_of(str, value["unobserved"]))
    return cast("T", restored(kind, value))


def _fact(kind: Any, value: Any) -> Fact[Any]:
    given = _of(dict, value)
    if given.keys() == {"unknown"}:
        return Fact.unknown(_of(str, given["unknown"]))
    if given == {"absent": True}:
        return Fact.missing()
    if given.keys() == {"value"}:
        return Fact.of(restored(kind, given["value"]))
    raise ValueError(f"no fact: {sorted(given)}")


def _one_of(kinds: tuple[Any, ...], value: Any) -> Any:
    for kind in kinds:
        try:
            return restored(kind, value)
        except (ValueError, KeyError):
            continue
    raise ValueError(f"{type(value).__name__} is none of the types that are expected")


def _of(kind: type[T], value: Any) -> T:
    # True is an int to Python, and no number here.
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{type(value).__name__} where {kind.__name__} is expected")
    return value

"""How facts of healthy targets are built: a healthy value for each fact, and keywords that change single ones."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from checks.facts import Fact, OwnAnswers

T = TypeVar("T")
Own = Mapping[str, str | Fact[str]]
"""What own probes print, by probe name."""


def build(kind: type[T], healthy: Mapping[str, Any], overrides: Mapping[str, Any]) -> T:
    """Return the record `kind` with its healthy values, single ones of them changed.

    A plain value is wrapped as a fact where the field is one. A field that is a record of a topic has a mapping of
    its own healthy values; a keyword names a fact of a topic directly, since names of facts are unique.
    """
    hints = typing.get_type_hints(kind)
    values, left = dict(healthy), dict(overrides)
    for name, value in healthy.items():
        if isinstance(value, Mapping) and isinstance(hints[name], type) and dataclasses.is_dataclass(hints[name]):
            record = typing.cast("type[Any]", hints[name])
            known = {item.name for item in dataclasses.fields(record)}
            mine = {key: left.pop(key) for key in known & left.keys()}
            values[name] = build(record, value, mine)
    values |= left
    for name, value in values.items():
        if name in hints and typing.get_origin(hints[name]) is Fact and not isinstance(value, Fact):
            values[name] = Fact.of(value)
    return kind(**values)


def own_answers(own: Own | None) -> OwnAnswers:
    """Return what own probes printed, of plain texts and facts."""
    texts = (own or {}).items()
    return OwnAnswers({name: text if isinstance(text, Fact) else Fact.of(text) for name, text in texts})

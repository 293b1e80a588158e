"""Mistakes in what a person wrote, in words: pydantic's errors turned into sentences that name the key."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import BaseModel, ValidationError

from runners.document import Place


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: where, and what is wrong with what to do about it."""

    place: Place
    text: str


def mistakes_of(error: ValidationError, base: Place, model: type[BaseModel]) -> list[Mistake]:
    """Return the mistakes that `error` tells of. `base` is where `model` was read from."""
    return [
        Mistake((*base, *item["loc"]), f"{named((*base, *item['loc']))}: {_ended(_sentence(item, model))}")
        for item in error.errors(include_url=False)
    ]


def named(place: Place) -> str:
    """Return a place as people write it: `targets[0].name`."""
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text or "the file"


def _sentence(item: Mapping[str, Any], model: type[BaseModel]) -> str:
    kind, context, key = item["type"], item.get("ctx", {}), item["loc"][-1] if item["loc"] else ""
    if kind == "missing":
        return f"it is missing. Give {model.model_fields[str(key)].description}"
    if kind == "extra_forbidden":
        return _unknown_key(str(key), model)
    if kind == "value_error":
        return str(context["error"])
    seen = f"it is {_shown(item['input'])}"
    if kind == "literal_error":
        return f"{seen}. Write {context['expected']}"
    if kind == "string_type":
        if item["input"] is None:
            return "it is empty, and must be text"
        return f"YAML reads it as {_shown(item['input'])}, and it must be text. Put it in quotes"
    if kind in ("int_type", "int_parsing", "int_from_float"):
        return f"{seen}, and must be a whole number"
    if kind in ("list_type", "tuple_type"):
        return f"{seen}, and must be a list, such as [a, b]"
    if kind in ("greater_than_equal", "less_than_equal"):
        return f"{seen}, and must be at {'least' if 'ge' in context else 'most'} {context.get('ge', context.get('le'))}"
    if kind == "too_short":
        return "it is empty. Give at least one"
    if kind == "dict_type":
        return f"{seen}, and must hold keys with values"
    return f"{seen}. {item['msg']}"


def _unknown_key(key: str, model: type[BaseModel]) -> str:
    keys = list(model.model_fields)
    near = difflib.get_close_matches(key.lower().replace("-", "_"), keys, n=1)
    if near:
        return f"there is no such key. Did you mean {near[0]}?"
    return f"there is no such key. The keys here are {', '.join(keys)}"


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith(("?", ".")) else f"{sentence}."


def _shown(value: Any) -> str:
    if value is None:
        return "empty"
    text = str(value) if isinstance(value, date) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."

"""Mistakes in what a person wrote, in words: pydantic's errors turned into sentences that name the key."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from reports.document import Place

_MUST = {
    "int_type": "be a whole number",
    "int_parsing": "be a whole number",
    "int_from_float": "be a whole number",
    "float_type": "be a number",
    "float_parsing": "be a number",
    "bool_type": "be true or false",
    "bool_parsing": "be true or false",
    "uuid_type": "be a GUID, such as 8d3f0c52-4c1e-4b57-9a26-5f6f5a1c0f01",
    "uuid_parsing": "be a GUID, such as 8d3f0c52-4c1e-4b57-9a26-5f6f5a1c0f01",
    "list_type": "be a list, such as [a, b]",
    "tuple_type": "be a list, such as [a, b]",
    "dict_type": "hold keys with values",
    "model_type": "hold keys with values",
    "model_attributes_type": "hold keys with values",
    "greater_than": "be more than {gt}",
    "greater_than_equal": "be at least {ge}",
    "less_than_equal": "be at most {le}",
    "string_pattern_mismatch": "match {pattern}",
}
"""What a value must be, by pydantic's name for the mistake."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: where, and what is wrong with what to do about it."""

    place: Place
    text: str


def mistakes_of(error: ValidationError, base: Place, model: type[BaseModel]) -> list[Mistake]:
    """Return the mistakes that `error` tells of. `base` is where `model` was read from."""
    return [
        Mistake(
            (*base, *item["loc"]),
            f"{named((*base, *item['loc']))}: {_ended(_sentence(item, _holder(model, item['loc'][:-1])))}",
        )
        for item in error.errors(include_url=False)
    ]


def named(place: Place) -> str:
    """Return a place as people write it: `targets[0].name`."""
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text or "the file"


def _holder(model: type[BaseModel], place: Place) -> type[BaseModel]:
    """Return the model that is read at `place` below `model`: of a list or mapping, its items'."""
    for step in place:
        field = model.model_fields.get(str(step))
        model = next(iter(_models(field.annotation)), model) if field else model
    return model


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


def _sentence(item: Mapping[str, Any], model: type[BaseModel]) -> str:
    kind, context, key = item["type"], item.get("ctx", {}), item["loc"][-1] if item["loc"] else ""
    if kind == "missing":
        return f"it is missing. Give {_phrase(model.model_fields[str(key)].description or 'it')}"
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
    if kind in _MUST:
        return f"{seen}, and must {_MUST[kind].format(**context)}"
    if kind == "too_short":
        return "it is empty. Give at least one"
    return f"{seen}. {item['msg']}"


def _unknown_key(key: str, model: type[BaseModel]) -> str:
    keys = list(model.model_fields)
    near = difflib.get_close_matches(key.lower().replace("-", "_"), keys, n=1)
    if near:
        return f"there is no such key. Did you mean {near[0]}?"
    return f"there is no such key. The keys here are {', '.join(keys)}"


def _phrase(description: str) -> str:
    """Return a description as part of a sentence: `The VM's name.` becomes `the VM's name`."""
    text = description.rstrip(".")
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith(("?", ".")) else f"{sentence}."


def _shown(value: Any) -> str:
    if value is None:
        return "empty"
    text = str(value) if isinstance(value, date) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."

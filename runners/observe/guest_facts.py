"""What both guest parsers share: bounds, and facts made of facts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar

from pydantic import StringConstraints, TypeAdapter, ValidationError

from checks.facts import Fact

T = TypeVar("T")
U = TypeVar("U")

LIST_LIMIT = 500
REASON_LIMIT = 300

ShortText = Annotated[str, StringConstraints(max_length=1024)]
# 8D3F0C52-4C1E-4B57-9A26-5F6F5A1C1002
Uuid = Annotated[str, StringConstraints(pattern=r"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=256)]


def validated(adapter: TypeAdapter[T], value: object, key: str) -> Fact[T]:
    """Return the fact `key`, or unknown where the guest's `value` does not have its form or bounds."""
    try:
        return Fact.of(adapter.validate_python(value))
    except ValidationError as error:
        return Fact.unknown(
            f"the guest's answer for {key} has an unexpected form: {error.errors()[0]['msg']}"[:REASON_LIMIT]
        )


def reason(text: str) -> str:
    """Return a guest's own reason, bounded and printable."""
    return "".join(character if character.isprintable() else "?" for character in text)[:REASON_LIMIT]


def mapped(fact: Fact[T], change: Callable[[T], U]) -> Fact[U]:
    """Return the fact with its value changed; absent stays absent, unknown stays unknown with its reason."""
    if not fact.known:
        return Fact.unknown(str(fact.to_json()["unknown"]))
    return Fact.missing() if fact.absent else Fact.of(change(fact.value))

"""A fact: something that was observed, was looked for and is absent, or could not be looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

T = TypeVar("T")


class UnknownFact(Exception):  # noqa: N818 - the word of the design; it is raised to stop a judgement, not to report a bug
    """A judgement needs a value that nobody observed. The check that asked is undetermined."""


class OutOfReach(UnknownFact):
    """A judgement needs what its vantage can't show in this mode. The check that asked is not applicable."""


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """A value, *absent* (looked, not there), or *unknown* (could not look, with the reason).

    Build one with `Fact.of`, `Fact.missing` or `Fact.unknown`; the fields are private on purpose, so that
    no check can mistake "could not look" for "not there".
    """

    _value: T | None = None
    _absent: bool = False
    _unknown: str = ""
    _beyond: bool = False

    @classmethod
    def of(cls, value: T) -> Fact[T]:
        """Return a fact that was observed as `value`."""
        return cls(_value=value)

    @classmethod
    def missing(cls) -> Fact[T]:
        """Return a fact that was looked for and is not there."""
        return cls(_absent=True)

    @classmethod
    def unknown(cls, reason: str) -> Fact[T]:
        """Return a fact that could not be looked at. `reason` is shown to people: say what failed."""
        return cls(_unknown=reason or "no reason was recorded")

    @classmethod
    def out_of_reach(cls, reason: str) -> Fact[T]:
        """Return a fact that this vantage can't show, however well it looks: rules that need it do not apply."""
        return cls(_unknown=reason or "no reason was recorded", _beyond=True)

    @property
    def value(self) -> T:
        """The observed value.

        Raises `UnknownFact` where there is none: unknown, and absent as well (a check that expects
        absence asks `absent` first; one that forgets must not pass by accident).
        """
        if self._unknown:
            raise OutOfReach(self._unknown) if self._beyond else UnknownFact(self._unknown)
        if self._absent:
            raise UnknownFact("it is absent, and the rule needs its value")
        return cast("T", self._value)

    @property
    def absent(self) -> bool:
        """True when it was looked for and is not there. Raises `UnknownFact` when nobody could look."""
        if self._unknown:
            raise OutOfReach(self._unknown) if self._beyond else UnknownFact(self._unknown)
        return self._absent

    def value_or(self, default: T) -> T:
        """The observed value, or `default` where it is absent. Raises `UnknownFact` when nobody could look."""
        return default if self.absent else self.value

    @property
    def known(self) -> bool:
        """True when it was looked at, whether it is there or not. Never raises."""
        return not self._unknown

    def to_json(self) -> dict[str, Any]:
        """Return the fact as evidence writes it: `{"value": ..}`, `{"absent": true}` or `{"unknown": reason}`."""
        if self._unknown:
            return {"unknown": self._unknown}
        if self._absent:
            return {"absent": True}
        return {"value": plain(self._value)}


def plain(value: Any) -> Any:
    """Return `value` as JSON types: facts by their own form, dataclasses as objects, tuples as lists."""
    if hasattr(value, "to_json"):
        return value.to_json()
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(plain(item) for item in value)
    return value

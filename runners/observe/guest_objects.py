"""The JSON object of a Windows probe, by key.

{"image_state": {"value": "IMAGE_STATE_COMPLETE"}, "volumes": {"absent": true}, "build": {"unknown": "..."}}
"""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from checks.facts import Fact
from runners.guest.script import RawAnswers
from runners.observe.guest_facts import reason, validated

T = TypeVar("T")
_OBJECT: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


class _RawFact(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    value: Any = None
    absent: bool = False
    unknown: str = ""


class Object:
    """The facts of one probe, by key. Never raises: what is damaged makes facts unknown."""

    strict = True

    def __init__(self, answers: RawAnswers, probe: str) -> None:
        self._probe = probe
        self._raw: dict[str, Any] = {}
        self._failure = ""
        if probe in answers.cut:
            self._failure = f"the guest's probe {probe} printed more than can be sent"
        elif probe not in answers.answers:
            self._failure = f"the guest's probe {probe} was not sent"
        else:
            self._read(answers.answers[probe])

    def _read(self, answer: bytes) -> None:
        try:
            self._raw = _OBJECT.validate_json(answer)
            if "probe_failed" in self._raw:
                failed = _RawFact.model_validate(self._raw["probe_failed"])
                self._failure = f"the guest's probe {self._probe} failed: {reason(failed.unknown)}"
        except ValidationError as error:
            self._failure = (
                f"the answer of the guest's probe {self._probe} is not one JSON object: {error.errors()[0]['msg']}"
            )

    def fact(self, key: str, adapter: TypeAdapter[T]) -> Fact[T]:
        """Return the fact `key`."""
        if self._failure:
            return Fact.unknown(self._failure)
        if key not in self._raw:
            return Fact.unknown(f"the guest's probe {self._probe} gave no {key}")
        try:
            raw = _RawFact.model_validate(self._raw[key])
        except ValidationError:
            return Fact.unknown(f"the guest's answer for {key} is not a value, absent or unknown")
        if raw.unknown:
            return Fact.unknown(reason(raw.unknown))
        return Fact.missing() if raw.absent else validated(adapter, raw.value, key)

    def facts(self, key: str, adapter: TypeAdapter[T]) -> Fact[T]:
        """Return the list `key`: in JSON it is a value as any other."""
        return self.fact(key, adapter)

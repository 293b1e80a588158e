"""The JSON objects of the Windows probes -> `WindowsGuest`.

{"image_state": {"value": "IMAGE_STATE_COMPLETE"}, "volumes": {"absent": true}, "build": {"unknown": "..."}}
"""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from checks.facts import Fact, Service, Volume, WindowsGuest
from runners.guest.script import RawAnswers
from runners.observe.guest_facts import LIST_LIMIT, Name, ShortText, Uuid, mapped, reason, validated

T = TypeVar("T")


class _RawFact(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    value: Any = None
    absent: bool = False
    unknown: str = ""


class _RawVolume(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    mount: Name
    conversion_status: Annotated[int, Field(ge=0, le=255)]
    protection_status: Annotated[int, Field(ge=0, le=255)]


class _RawService(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    name: Name
    status: Name


def _plain_list(value: object) -> object:
    # ConvertTo-Json of Windows PowerShell 5.1 may write a wrapped array as {"value": [..], "Count": 2}.
    if isinstance(value, dict) and set(value) == {"value", "Count"}:
        return value["value"]
    return value


_Bounded = (BeforeValidator(_plain_list), Field(max_length=LIST_LIMIT))
_OBJECT: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])
_TEXT = TypeAdapter(ShortText)
_UUID = TypeAdapter(Uuid)
_NUMBER: TypeAdapter[int] = TypeAdapter(Annotated[int, Field(ge=0, le=2**32, strict=True)])
_YES_NO: TypeAdapter[bool] = TypeAdapter(Annotated[bool, Field(strict=True)])
_IMAGE_STATE: TypeAdapter[str] = TypeAdapter(Annotated[str, StringConstraints(pattern=r"^[A-Z_]{1,80}$")])
_TEXTS: TypeAdapter[tuple[str, ...]] = TypeAdapter(Annotated[tuple[Name, ...], *_Bounded])
_VOLUMES: TypeAdapter[tuple[_RawVolume, ...]] = TypeAdapter(Annotated[tuple[_RawVolume, ...], *_Bounded])
_SERVICES: TypeAdapter[tuple[_RawService, ...]] = TypeAdapter(Annotated[tuple[_RawService, ...], *_Bounded])


def parse_windows(answers: RawAnswers) -> WindowsGuest:
    """Return the facts of a Windows guest. Never raises: what is damaged is unknown."""
    roles, state = _Topic(answers, "roles"), _Topic(answers, "state")
    volumes = _Topic(answers, "volumes").fact("volumes", _VOLUMES)
    services = _Topic(answers, "agent").fact("agent_services", _SERVICES)
    return WindowsGuest(
        system_uuid=state.fact("system_uuid", _UUID),
        product_type=state.fact("product_type", _NUMBER),
        build=state.fact("build", _TEXT),
        installed_roles=roles.fact("installed_roles", _TEXTS),
        virtual_switches=roles.fact("virtual_switches", _NUMBER),
        deployment_services_initialized=roles.fact("deployment_services_initialized", _YES_NO),
        encrypted_iis_settings=roles.fact("encrypted_iis_settings", _NUMBER),
        volumes=mapped(volumes, lambda raw: tuple(Volume(**dict(item)) for item in raw)),
        agent_services=mapped(services, lambda raw: tuple(Service(**dict(item)) for item in raw)),
        image_state=state.fact("image_state", _IMAGE_STATE),
        panther_folder=state.fact("panther_folder", _YES_NO),
        answer_files=state.fact("answer_files", _TEXTS),
        launched_as=state.fact("launched_as", _TEXT),
    )


class _Topic:
    """The facts of one probe, by key."""

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

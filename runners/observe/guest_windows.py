"""The answers of the Windows probes -> `WindowsGuest`."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, TypeAdapter

from checks.facts import Service, Volume, WindowsGuest
from runners.guest.script import RawAnswers
from runners.observe.guest_facts import LIST_LIMIT, Name, ShortText, Uuid, mapped
from runners.observe.guest_objects import Object
from runners.observe.record import observed, plain_list, topics


class _RawVolume(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    mount: Name
    conversion_status: Annotated[int, Field(ge=0, le=255)]
    protection_status: Annotated[int, Field(ge=0, le=255)]


class _RawService(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    name: Name
    status: Name


_Bounded = (BeforeValidator(plain_list), Field(max_length=LIST_LIMIT))
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
    roles, state = Object(answers, "roles"), Object(answers, "state")
    volumes = Object(answers, "volumes").fact("volumes", _VOLUMES)
    services = Object(answers, "agent").fact("agent_services", _SERVICES)
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
        answer_files_with_password=state.fact("answer_files_with_password", _TEXTS),
        launched_as=state.fact("launched_as", _TEXT),
        **{name: observed(kind, Object(answers, name)) for name, kind in topics(WindowsGuest).items()},
    )

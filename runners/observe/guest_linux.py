"""The answers of the Linux probes -> `LinuxGuest`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from checks.facts import Fact, LinuxAgent, LinuxGuest, OvfAccount, PasswordField, SystemMount
from runners.guest.script import RawAnswers
from runners.observe.guest_facts import LIST_LIMIT, Name, ShortText, Uuid, mapped
from runners.observe.guest_lines import Lines, lines_of
from runners.observe.record import observed, topics

_TEXT = TypeAdapter(ShortText)
_NAME = TypeAdapter(Name)
_UUID = TypeAdapter(Uuid)
_WORD: TypeAdapter[str] = TypeAdapter(Annotated[str, StringConstraints(pattern=r"^[a-z-]{1,40}$")])
_ID_STATE: TypeAdapter[str] = TypeAdapter(Literal["set", "empty", "uninitialized", "link"])
_PATH: TypeAdapter[str] = TypeAdapter(Annotated[str, StringConstraints(pattern=r"^/", max_length=1024)])
_NUMBER: TypeAdapter[int] = TypeAdapter(Annotated[int, Field(ge=0, le=2**32)])
_YES_NO: TypeAdapter[bool] = TypeAdapter(bool)
_PATHS: TypeAdapter[tuple[str, ...]] = TypeAdapter(
    Annotated[
        tuple[Annotated[str, StringConstraints(pattern=r"^/", max_length=1024)], ...], Field(max_length=LIST_LIMIT)
    ]
)
_TEXTS: TypeAdapter[tuple[str, ...]] = TypeAdapter(Annotated[tuple[Name, ...], Field(max_length=LIST_LIMIT)])
# Provisioning.DeleteRootPassword = True
_SETTINGS: TypeAdapter[tuple[str, ...]] = TypeAdapter(
    Annotated[
        tuple[Annotated[str, StringConstraints(pattern=r"^[A-Za-z.]{1,80} = ", max_length=600)], ...],
        Field(max_length=LIST_LIMIT),
    ]
)
# /boot/efi /dev/sda15 vfat partition sda
_MOUNTS: TypeAdapter[tuple[str, ...]] = TypeAdapter(
    Annotated[
        tuple[Annotated[str, StringConstraints(pattern=r"^/\S* \S+ \S+ [a-z]+ \S+$", max_length=600)], ...],
        Field(max_length=LIST_LIMIT),
    ]
)
# root locked
_PASSWORDS: TypeAdapter[tuple[str, ...]] = TypeAdapter(
    Annotated[
        tuple[Annotated[str, StringConstraints(pattern=r"^.{1,256} (hash|locked|empty)$")], ...],
        Field(max_length=LIST_LIMIT),
    ]
)


def parse_linux(answers: RawAnswers) -> LinuxGuest:
    """Return the facts of a Linux guest. Never raises: what is damaged is unknown."""
    system, agent, ovf = (lines_of(answers, name) for name in ("system", "agent", "ovf_account"))
    mounts = lines_of(answers, "mounts")
    encryption, identity, accounts = (lines_of(answers, name) for name in ("encryption", "identity", "accounts"))
    return LinuxGuest(
        system_uuid=identity.fact("system_uuid", _UUID),
        distribution=system.fact("distribution", _NAME),
        distribution_like=system.fact("distribution_like", _NAME),
        distribution_version=system.fact("distribution_version", _NAME),
        system_mounts=mapped(mounts.facts("system_mounts", _MOUNTS), _mounts),
        uid_min=system.fact("uid_min", _NUMBER),
        agent=_agent(agent),
        agent_configuration=mapped(agent.facts("agent_configuration", _SETTINGS), _configuration),
        agent_unit_enabled=agent.fact("agent_unit_enabled", _WORD),
        agent_unit_active=agent.fact("agent_unit_active", _WORD),
        agent_disabled_file=agent.fact("agent_disabled_file", _YES_NO),
        ovf_account=mapped(
            ovf.fact("ovf_name", _NAME),
            lambda name: OvfAccount(name=name, uid=ovf.fact("ovf_uid", _NUMBER), home=ovf.fact("ovf_home", _TEXT)),
        ),
        encrypted_volumes=encryption.facts("encrypted_volumes", _TEXTS),
        crypttab_entries=encryption.fact("crypttab_entries", _NUMBER),
        machine_id=identity.fact("machine_id", _ID_STATE),
        dbus_machine_id=identity.fact("dbus_machine_id", _ID_STATE),
        password_fields=mapped(accounts.facts("password_fields", _PASSWORDS), _passwords),
        password_backups=accounts.facts("password_backups", _PATHS),
        **{name: observed(kind, lines_of(answers, name)) for name, kind in topics(LinuxGuest).items()},
    )


def _agent(topic: Lines) -> Fact[LinuxAgent]:
    path = topic.fact("agent_path", _PATH)
    if not path.known or path.absent:
        return mapped(path, lambda _: LinuxAgent("", "", ""))
    version, traceback = topic.fact("agent_version", _TEXT), topic.fact("agent_traceback", _TEXT)
    if not version.known:
        return mapped(version, lambda _: LinuxAgent("", "", ""))
    return mapped(traceback, lambda last: LinuxAgent(path=path.value, version=version.value, traceback=last))


def _configuration(lines: tuple[str, ...]) -> dict[str, str]:
    pairs = (line.partition(" = ") for line in lines)
    return {key: value for key, _, value in pairs}


def _mounts(lines: tuple[str, ...]) -> tuple[SystemMount, ...]:
    return tuple(SystemMount(*line.split(" ")) for line in lines)


def _passwords(lines: tuple[str, ...]) -> tuple[PasswordField, ...]:
    pairs = (line.rpartition(" ") for line in lines)
    return tuple(PasswordField(account=account, kind=kind) for account, _, kind in pairs)

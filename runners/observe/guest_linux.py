"""The lines of the Linux probes -> `LinuxGuest`.

    distribution=debian                         a value
    ovf_name!absent                             looked, not there
    encrypted_volumes?/dev/sdb cannot be read   could not look
    password_fields+root locked                 one item of a list
    password_fields#1                           how many items the list has: another number means that it was cut

In values "\\\\" is a backslash and "\\n" a newline.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeVar

from pydantic import Field, StringConstraints, TypeAdapter

from checks.facts import Fact, LinuxAgent, LinuxGuest, OvfAccount, PasswordField, SystemMount
from runners.guest.script import RawAnswers
from runners.observe.guest_facts import LIST_LIMIT, Name, ShortText, Uuid, mapped, reason, validated

T = TypeVar("T")

# password_fields+root locked
_LINE = re.compile(r"([a-z][a-z0-9_]{0,39})([=!?+#])(.*)")
# C:\\n is not a line end: the escapes are read from left to right
_ESCAPE = re.compile(r"\\(.)")

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
# /boot/efi /dev/sda15 vfat
_MOUNTS: TypeAdapter[tuple[str, ...]] = TypeAdapter(
    Annotated[
        tuple[Annotated[str, StringConstraints(pattern=r"^/\S* \S+ \S+$", max_length=600)], ...],
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


@dataclass(slots=True)
class _Topic:
    """The lines of one probe, by key."""

    probe: str
    failure: str = ""
    values: dict[str, list[str]] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    unknown: dict[str, str] = field(default_factory=dict)
    items: dict[str, list[str]] = field(default_factory=dict)
    totals: dict[str, str] = field(default_factory=dict)

    def fact(self, key: str, adapter: TypeAdapter[T]) -> Fact[T]:
        """Return the single value `key`."""
        missing: Fact[T] | None = self._elsewhere(key)
        if missing is not None:
            return missing
        values = self.values.get(key, [])
        if len(values) != 1:
            return Fact.unknown(f"the guest's probe {self.probe} printed {len(values)} values for {key} instead of one")
        return validated(adapter, values[0], key)

    def facts(self, key: str, adapter: TypeAdapter[T]) -> Fact[T]:
        """Return the list `key`; unknown where it has not as many items as its total says."""
        missing: Fact[T] | None = self._elsewhere(key)
        if missing is not None:
            return missing
        items, total = self.items.get(key, []), self.totals.get(key, "none")
        if str(len(items)) != total:
            return Fact.unknown(f"the list {key} was cut: {len(items)} items came, its total says {reason(total)}")
        return validated(adapter, items, key)

    def _elsewhere(self, key: str) -> Fact[T] | None:
        if self.failure:
            return Fact.unknown(self.failure)
        if key in self.unknown:
            return Fact.unknown(reason(self.unknown[key]))
        if key in self.absent:
            return Fact.missing()
        return None


def parse_linux(answers: RawAnswers) -> LinuxGuest:
    """Return the facts of a Linux guest. Never raises: what is damaged is unknown."""
    system, agent, ovf = (_topic(answers, name) for name in ("system", "agent", "ovf_account"))
    mounts = _topic(answers, "mounts")
    encryption, identity, accounts = (_topic(answers, name) for name in ("encryption", "identity", "accounts"))
    return LinuxGuest(
        system_uuid=identity.fact("system_uuid", _UUID),
        distribution=system.fact("distribution", _NAME),
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
    )


def _topic(answers: RawAnswers, probe: str) -> _Topic:
    topic = _Topic(probe)
    if probe in answers.cut:
        topic.failure = f"the guest's probe {probe} printed more than can be sent"
        return topic
    if probe not in answers.answers:
        topic.failure = f"the guest's probe {probe} was not sent"
        return topic
    for line in answers.answers[probe].decode(errors="replace").split("\n"):
        found = _LINE.fullmatch(line)
        if found is None:
            continue
        key, sigil, text = found[1], found[2], _ESCAPE.sub(_unescape, found[3])
        match sigil:
            case "=":
                topic.values.setdefault(key, []).append(text)
            case "+":
                topic.items.setdefault(key, []).append(text)
            case "#":
                topic.totals[key] = text
            case "?":
                topic.unknown[key] = text
            case _:
                topic.absent.add(key)
    return topic


def _unescape(found: re.Match[str]) -> str:
    return "\n" if found[1] == "n" else found[1]


def _agent(topic: _Topic) -> Fact[LinuxAgent]:
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

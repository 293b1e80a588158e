"""What `--select`, or `select` in the fleet file, asks Azure for: VMs by subscription, resource group and tags."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runners.resource_id import ResourceId

FORMS = "tag:NAME=VALUE, tag:NAME, group:NAME or subscription:ID"
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_GROUP = re.compile(r"[\w.()-]{1,90}")
# What Azure takes in no name of a tag, by Microsoft's page on tags
_NOT_IN_TAGS = set("<>%&\\?/")


@dataclass(frozen=True, slots=True)
class Query:
    """Conditions that must all hold. Of what Azure compares without regard to case, all is in lower case."""

    subscription: str = ""
    """Its GUID; empty for the one that is visible."""
    group: str = ""
    """The resource group; empty for all of them."""
    tags: tuple[tuple[str, str | None], ...] = ()
    """Name and value, sorted; None for any value. Azure tells values of another case apart, names not."""

    @classmethod
    def parse(cls, conditions: Sequence[str]) -> Query:
        """Return what texts such as `tag:release=2026-11` ask for. Raises `ValueError`."""
        said: dict[str, str] = {}
        tags: dict[str, str | None] = {}
        for text in conditions:
            kind, _, rest = text.partition(":")
            if kind in ("subscription", "group"):
                value = _checked(kind, rest.lower())
                if said.setdefault(kind, value) != value:
                    raise ValueError(
                        f"no VM is in {kind} {said[kind]!r} and {value!r} at once, and all conditions of one "
                        "query must hold. Write a fleet file with an entry for each"
                    )
            elif kind == "tag":
                name, value_of_tag = _tag(rest)
                before = tags.get(name)
                if None not in (before, value_of_tag) and before != value_of_tag:
                    raise ValueError(
                        f"no VM has {before!r} and {value_of_tag!r} in tag {name!r} at once, and all conditions of one "
                        "query must hold. Write a fleet file with an entry for each"
                    )
                tags[name] = before if value_of_tag is None else value_of_tag
            else:
                raise ValueError(f"{text[:80]!r} is no condition. Write {FORMS}")
        return cls(said.get("subscription", ""), said.get("group", ""), tuple(sorted(tags.items())))

    def holds(self, vm: Mapping[str, Any]) -> bool:
        """Return whether a VM, as ARM lists it, meets all conditions. Raises `ValueError` where it has no VM's id."""
        at = ResourceId.of_vm(str(vm.get("id", "")))
        if self.subscription not in ("", at.subscription.lower()) or self.group not in ("", at.group.lower()):
            return False
        has = {str(name).lower(): str(value) for name, value in (vm.get("tags") or {}).items()}
        return all(name in has and value in (None, has[name]) for name, value in self.tags)

    def __str__(self) -> str:
        texts = [f"{kind}:{value}" for kind, value in (("subscription", self.subscription), ("group", self.group))]
        texts = [text for text in texts if not text.endswith(":")]
        texts += [f"tag:{name}" if value is None else f"tag:{name}={value}" for name, value in self.tags]
        return " and ".join(texts)


def _checked(kind: str, value: str) -> str:
    if not (_GUID if kind == "subscription" else _GROUP).fullmatch(value):
        what = "subscription's id; az account list prints them" if kind == "subscription" else "resource group's name"
        raise ValueError(f"{value[:100]!r} is no {what}")
    return value


def _tag(text: str) -> tuple[str, str | None]:
    """Return name and value of `release=2026-11`: the name ends at the first equals sign."""
    name, equals, value = text.partition("=")
    if not name.strip() or len(name) > 512 or set(name) & _NOT_IN_TAGS or not text.isprintable():
        raise ValueError(f"{name[:80]!r} is no name of a tag. Write tag:NAME=VALUE, or tag:NAME for any value")
    return name.lower(), value if equals else None

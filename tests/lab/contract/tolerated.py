"""Differences between Azure's answer and the lab's that are none, each with its reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from tests.lab.contract.shape import Difference, Rule, differences
from tests.lab.contract.wire import Exchange

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# 2024-08-26T05:57:37.4406180+00:00 or 2024-08-26T05:57:05+00:00
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00")
# Microsoft.Compute/UpdateVM3Min
_SPAN = re.compile(r"30?Min$")


def _both(pattern: re.Pattern[str]) -> Callable[[Any, Any], bool]:
    return lambda real, lab: pattern.fullmatch(real) is not None and pattern.fullmatch(lab) is not None


def _old_buckets(real: list[str], _lab: list[str]) -> bool:
    return all(_SPAN.search(label) for label in real)


def _same_parameters(real: str, lab: str) -> bool:
    return _parameters(real) == _parameters(lab)


def _parameters(url: str) -> list[str]:
    return [part.partition("=")[0] for part in urlsplit(url).query.split("&")]


def _unsigned(real: list[str], lab: list[str]) -> bool:
    path, *parameters = real
    return path == lab[0] and set(parameters) == set(lab[1:]) - {"p", "t", "c", "s", "h"}


RULES: tuple[Rule, ...] = (
    Rule(("value",), r"\$.*\.(time|startTime|endTime|timeCreated)", "the lab lives now", _both(_MOMENT)),
    Rule(("value",), r"\$\.name", "operations are named by random GUIDs", _both(_GUID)),
    Rule(("value",), r"\$.*\.(uniqueId|sourceUniqueId|incrementalSnapshotFamilyId)", "random GUIDs", _both(_GUID)),
    Rule(("value",), r"\$.*\.accessSAS", "a SAS is of a host and a secret of its own", _same_parameters),
    Rule(("value", "extra"), r"\$.*\.completionPercent", "the lab's copies are whole when their operation ends"),
    Rule(("missing",), r"\$\.tags\.(Creator|DateCreated)", "a policy of the recorded subscription adds these"),
    Rule(("value",), r"\$.*\.diskSizeBytes", "a disk of the lab is as large as its guest's"),
    Rule(
        ("value",),
        r"\$.*\.diskEncryptionSetId",
        "Azure writes the group in capitals, in which recorders do not replace its name",
        lambda real, lab: real.rpartition("/")[2] == lab.rpartition("/")[2],
    ),
    Rule(("value",), r"\$(\.value\[\])?\.etag", "Azure counts changes of its own that the lab does not make"),
    Rule(("extra",), r"\$(\.value\[\])?\.etag", "before 2024 a VM's body had none"),
    Rule(
        ("extra",),
        r"\$\.value\[\]",
        "the lab has from the start what a deployment made during the recording",
        lambda _real, lab: lab["type"] == "Microsoft.Compute/virtualMachines",
    ),
    Rule(
        ("value",),
        "header x-ms-ratelimit-remaining-resource",
        "before 2024 Compute counted by spans of time, and named its buckets for them",
        _old_buckets,
    ),
    Rule(("value",), "header (location|azure-asyncoperation)", "in 2020 such URLs were not signed", _unsigned),
)


def exchange_differences(real: Exchange, lab: Exchange) -> tuple[list[Difference], set[Rule]]:
    """Return where the lab's answer differs from the recorded one, and the rules that excused the rest."""
    found, used = [], set()
    for difference in _all_differences(real, lab):
        rule = next((rule for rule in RULES if rule.excuses(difference)), None)
        if rule is None:
            found.append(difference)
        else:
            used.add(rule)
    return found, used


def _all_differences(real: Exchange, lab: Exchange) -> Iterator[Difference]:
    if real.status != lab.status:
        yield Difference("value", "status", real.status, lab.status)
    yield from _header_differences(real, lab)
    yield from differences(real.body, lab.body)


def _header_differences(real: Exchange, lab: Exchange) -> Iterator[Difference]:
    """Yield what the recorded answer's headers have and the lab's have not. Recorders leave headers out."""
    for name, value in real.headers.items():
        place = f"header {name}"
        if name not in lab.headers:
            yield Difference("missing", place, value, None)
        elif _comparable(name, value) != _comparable(name, lab.headers[name]):
            yield Difference("value", place, _comparable(name, value), _comparable(name, lab.headers[name]))


def _comparable(name: str, value: str) -> list[str]:
    """Return what of a header must be the same; nothing of ids, counters and etags."""
    if name in ("azure-asyncoperation", "location"):
        return [urlsplit(value).path.lower().rpartition("/")[0], *_parameters(value)]
    if name == "x-ms-ratelimit-remaining-resource":
        # Microsoft.Compute/LowCostGetSubscriptionMaximum;23997,Microsoft.Compute/LowCostGetResource;33
        return sorted(part.partition(";")[0] for part in value.split(","))
    return [value] if name in ("content-type", "azure-asyncnotification", "x-ms-failure-cause") else []

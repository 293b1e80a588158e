"""Facts that evidence keeps are read back as they were."""

from __future__ import annotations

import json
from typing import Any

import pytest

from checks.facts import Fact, OwnAnswers, UnknownFact, Unobserved
from checks.healthy import linux_guest, observation
from runners.observe.restore import restored, restored_observation
from runners.record import before_document


def kept(document: Any) -> Any:
    return json.loads(json.dumps(document))


@pytest.mark.parametrize("platform", ["linux", "windows"])
def test_what_was_launched_on_is_read_back_as_it_was(platform: str) -> None:
    before = observation(platform)

    assert restored_observation(kept(before_document(before, ()))) == before


def test_what_was_not_observed_stays_so() -> None:
    before = observation("linux", guest=Unobserved("no answer"))

    assert restored_observation(kept(before_document(before, ()))).guest == Unobserved("no answer")


def test_what_own_probes_printed_is_unknown_since_evidence_does_not_keep_it() -> None:
    guest = linux_guest(own_answers=OwnAnswers({"motd": Fact.of("hello")}))
    seen = restored_observation(kept(before_document(observation("linux", guest=guest), ()))).guest

    assert not isinstance(seen, Unobserved)
    with pytest.raises(UnknownFact, match="size and digest alone"):
        _ = seen.own("motd").value


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (int, True),
        (str, 1),
        (tuple[str, ...], "text"),
        (Fact[bool], {"value": 1}),
        (Fact[bool], {"unknown": "x", "value": True}),
        (int | None, "text"),
    ],
)
def test_what_has_another_form_is_no_fact(kind: Any, value: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each form has its own words
        restored(kind, value)


@pytest.mark.parametrize(
    "document", [{}, {"platform": "linux", "facts": {}}, {"platform": "other", "facts": {"azure": {}}}]
)
def test_a_document_of_another_version_is_refused(document: Any) -> None:
    with pytest.raises(ValueError, match=r"no facts of this version|where"):
        restored_observation(document)

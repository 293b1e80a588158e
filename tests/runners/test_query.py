"""Conditions: what is understood, what is refused, and which VMs meet them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runners.query import Query

SUBSCRIPTION = "11111111-2222-3333-4444-55555555555A"
VM = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/RG-Images/providers/Microsoft.Compute/virtualMachines/web01"


def vm(**tags: str) -> dict[str, Any]:
    return {"id": VM, "tags": tags}


@pytest.mark.parametrize(
    ("conditions", "vm", "holds"),
    [
        (["tag:release=2026-11"], vm(release="2026-11"), True),
        (["tag:release=2026-11"], vm(release="2026-12"), False),
        (["tag:RELEASE=2026-11"], vm(Release="2026-11"), True),
        (["tag:stage=Test"], vm(stage="test"), False),
        (["tag:release"], vm(release=""), True),
        (["tag:release"], vm(), False),
        (["tag:release"], {"id": VM}, False),
        (["tag:release="], vm(release=""), True),
        (["tag:release="], vm(release="1"), False),
        (["tag:query=a=b"], vm(query="a=b"), True),
        (["tag:a:b=c:d"], {"id": VM, "tags": {"a:b": "c:d"}}, True),
        (["tag:release=1", "tag:release"], vm(release="2"), False),
        (["tag:a=1", "tag:b=2"], vm(a="1"), False),
        (["tag:a=1", "tag:b=2"], vm(a="1", b="2"), True),
        (["group:rg-images"], vm(), True),
        (["group:rg"], vm(), False),
        ([f"subscription:{SUBSCRIPTION.lower()}"], vm(), True),
        (["subscription:11111111-2222-3333-4444-555555555555"], vm(), False),
        (["group:rg-images", "tag:a=1"], vm(a="2"), False),
    ],
)
def test_all_conditions_must_hold(conditions: list[str], vm: dict[str, Any], holds: bool) -> None:
    assert Query.parse(conditions).holds(vm) is holds


@pytest.mark.parametrize(
    ("conditions", "told"),
    [
        (["release=2026-11"], "'release=2026-11' is no condition. Write tag:NAME=VALUE"),
        (["name:web01"], "'name:web01' is no condition"),
        (["Tag:a=b"], "is no condition"),
        ([""], "'' is no condition"),
        (["tag:"], "'' is no name of a tag"),
        (["tag:=x"], "'' is no name of a tag"),
        (["tag:a/b=x"], "'a/b' is no name of a tag"),
        (["tag:a=x\n"], "is no name of a tag"),
        (["group:"], "'' is no resource group's name"),
        (["group:a/b"], "'a/b' is no resource group's name"),
        (["subscription:images"], "'images' is no subscription's id"),
        (["group:a", "group:b"], "no VM is in group 'a' and 'b' at once"),
        (["tag:a=1", "tag:A=2"], "no VM has '1' and '2' in tag 'a' at once"),
        (["tag:a=1", "tag:a", "tag:a="], "no VM has '1' and '' in tag 'a' at once"),
    ],
)
def test_what_nothing_can_meet_or_nobody_understands_is_refused(conditions: list[str], told: str) -> None:
    with pytest.raises(ValueError, match=r"is no|at once") as caught:
        Query.parse(conditions)

    assert told in str(caught.value)


@given(st.permutations(["tag:b=2", "tag:A=1", "group:RG", f"subscription:{SUBSCRIPTION}", "tag:c", "group:rg"]))
def test_a_query_is_written_in_one_way(conditions: list[str]) -> None:
    query = Query.parse(conditions)

    assert str(query) == f"subscription:{SUBSCRIPTION.lower()} and group:rg and tag:a=1 and tag:b=2 and tag:c"
    assert Query.parse(str(query).split(" and ")) == query


def test_what_is_no_vm_is_no_silent_miss() -> None:
    with pytest.raises(ValueError, match="is not the ARM id of a VM"):
        Query.parse(["tag:a"]).holds({"tags": {"a": "b"}})

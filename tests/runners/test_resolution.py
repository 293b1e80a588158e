"""What queries find becomes targets: each VM once, under a name of its own, in the order of ids."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from runners.errors import FleetError
from runners.fleet import Fleet, Target
from runners.resolution import Found, resolved
from runners.selector import Selector

S = "11111111-2222-3333-4444-555555555555"
CLEAN = Selector(select=("tag:linux",), clean=("logs",), platform="linux")
PLAIN = Selector(select=("tag:release",))


def vm(name: str, group: str = "rg", subscription: str = S) -> str:
    return f"/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachines/{name}"


def found(selector: Selector, *ids: str) -> Found:
    return Found(selector, S, ids, datetime(2026, 11, 26, tzinfo=UTC))


def fleet(*targets: Target) -> Fleet:
    return Fleet(targets=targets, selectors=(PLAIN,), source="fleet.yaml")


def names(fleet: Fleet) -> list[str]:
    return [target.name for target in fleet.targets]


def test_what_was_found_comes_after_the_fleets_own_in_the_order_of_ids_with_its_treatment() -> None:
    own = Target(name="zeta", id=vm("zeta"))
    result = resolved(fleet(own), [found(PLAIN, vm("b"), vm("d")), found(CLEAN, vm("A"), vm("c"))])

    assert names(result) == ["zeta", "A", "b", "c", "d"]
    assert [target.clean for target in result.targets] == [(), ("logs",), (), ("logs",), ()]
    assert result.targets[1].platform == "linux"
    assert all(target.vm_id is None for target in result.targets)
    assert result.selectors == ()


def test_an_entry_of_its_own_wins_over_what_is_selected() -> None:
    own = Target(name="golden", id=vm("web").upper().replace("MICROSOFT", "Microsoft"), deadline_minutes=5)
    result = resolved(fleet(own), [found(PLAIN, vm("web")), found(CLEAN, vm("web"))])

    assert result.targets == (own,)


def test_a_vm_that_two_queries_find_counts_once_where_they_treat_it_alike() -> None:
    other = Selector(select=("group:rg",))

    assert names(resolved(fleet(), [found(PLAIN, vm("web")), found(other, vm("WEB"))])) == ["web"]
    with pytest.raises(FleetError, match=r"fleet.yaml: .*/web is found by select tag:release and by select tag:linux"):
        resolved(fleet(), [found(PLAIN, vm("web")), found(CLEAN, vm("web"))])


def test_names_that_clash_get_the_resource_group_whatever_the_order() -> None:
    ids = [vm("web", "rg-a"), vm("Web", "rg-b"), vm("db", "rg-a")]
    expected = [["db", "web.rg-a", "Web.rg-b"]] * 2

    assert [
        sorted(names(resolved(fleet(), [found(PLAIN, *some)])), key=str.lower) for some in (ids, ids[::-1])
    ] == expected


def test_a_name_that_the_fleet_file_gave_is_not_taken_away() -> None:
    own = Target(name="web", id=vm("other"))

    assert names(resolved(fleet(own), [found(PLAIN, vm("web", "rg-a"))])) == ["web", "web.rg-a"]


def test_names_that_clash_still_are_numbered() -> None:
    far = "99999999-2222-3333-4444-555555555555"
    long = "x" * 64
    ids = [vm("web"), vm("web", subscription=far), vm(long, "rg-a"), vm(long, "rg-b")]

    expected = [long, f"{'x' * 58}-2", "web.rg", "web.rg-2"]

    assert names(resolved(fleet(), [found(PLAIN, *ids)])) == expected

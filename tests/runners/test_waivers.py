from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from checks.catalogue import problem
from checks.judgement import Judgement, Outcome
from reports import evidence as record
from reports.waivers import Waiver
from runners.fleet import Target
from runners.waivers import accounts, applies, row, waive
from tests.checks.claims import catalogue

GROUP = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/images"
VM = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/one"
VM_ID = "0f6a1e0c-95a5-4d7b-8a55-3a3f2c7d9e10"
TARGET = Target(name="one", id=VM)
PINNED = Target(name="one", id=VM, vm_id=VM_ID)
WAIVABLE, UNWAIVABLE, WARNING = "AZ-SERIAL-001", "AZ-POWER-001", "LNX-AGENT-006"
TODAY = date(2026, 11, 22)
BROKEN = problem(observed="off", expected="on", where="boot diagnostics")


def fields(**overrides: Any) -> dict[str, Any]:
    good = {
        "check": WAIVABLE,
        "target": VM,
        "reason": "the serial console is off by policy until the network is rebuilt",
        "approver": "r.weber",
        "approved_on": date(2026, 11, 1),
        "expires": date(2026, 12, 1),
    }
    return {key: value for key, value in (good | overrides).items() if value is not ...}


def waiver(**overrides: Any) -> Waiver:
    return Waiver(**fields(**overrides))


def failed(check: str = WAIVABLE, outcome: Outcome = "failed") -> Judgement:
    return Judgement(catalogue()[check], outcome, (BROKEN,))


class TestWriting:
    @pytest.mark.parametrize("key", ["check", "target", "reason", "approver", "approved_on", "expires"])
    def test_a_waiver_says_everything(self, key: str) -> None:
        with pytest.raises(ValueError, match=key):
            waiver(**{key: ...})

    @pytest.mark.parametrize("key", ["check", "target", "vm_id", "reason", "approver"])
    def test_and_leaves_nothing_blank(self, key: str) -> None:
        with pytest.raises(ValueError, match="it is blank"):
            waiver(**{key: " "})

    @pytest.mark.parametrize("value", ["*", "AZ-*", "AZ-SERIAL-00?", "AZ-SERIAL-00[12]", "AZ-%", "A|B"])
    @pytest.mark.parametrize("key", ["check", "target", "vm_id"])
    def test_it_names_single_things(self, key: str, value: str) -> None:
        with pytest.raises(ValueError, match="a waiver has no wildcards"):
            waiver(**{key: value})

    def test_a_reason_may_hold_any_sign(self) -> None:
        assert waiver(reason="why not? 100 % sure [x]").reason == "why not? 100 % sure [x]"

    def test_it_holds_for_ninety_days_at_most(self) -> None:
        assert waiver(approved_on=date(2026, 1, 1), expires=date(2026, 4, 1)).expires == date(2026, 4, 1)
        with pytest.raises(ValueError, match="at most 90 days are allowed: until 2026-04-01"):
            waiver(approved_on=date(2026, 1, 1), expires=date(2026, 4, 2))

    @pytest.mark.parametrize("expires", [date(2026, 11, 1), date(2026, 10, 31)])
    def test_it_expires_after_its_approval(self, expires: date) -> None:
        with pytest.raises(ValueError, match="not after its approval"):
            waiver(expires=expires)

    def test_a_name_needs_the_machines_vm_id(self) -> None:
        with pytest.raises(ValueError, match="a name can pass to another VM"):
            waiver(target="one")

    def test_it_says_nothing_else(self) -> None:
        with pytest.raises(ValueError, match="severity"):
            waiver(severity="info")

    def test_it_can_not_be_changed(self) -> None:
        with pytest.raises(ValueError, match="frozen"):
            waiver().expires = date(2030, 1, 1)  # type: ignore[misc]


class TestApplying:
    @pytest.mark.parametrize(
        ("given", "target"),
        [
            (waiver(), TARGET),
            (waiver(target=VM.upper().replace("/SUBSCRIPTIONS", "/subscriptions")), TARGET),
            (waiver(target="ONE", vm_id=VM_ID.upper()), PINNED),
            (waiver(vm_id=VM_ID), PINNED),
        ],
        ids=["by id", "by id in other case", "by name and vm_id", "by id and vm_id"],
    )
    def test_it_holds_for_the_target_it_names(self, given: Waiver, target: Target) -> None:
        assert applies(given, WAIVABLE, target, TODAY)

    @pytest.mark.parametrize(
        ("given", "target"),
        [
            (waiver(), Target(name="one", id=f"{VM}2")),
            (waiver(target="two", vm_id=VM_ID), PINNED),
            (waiver(target="one", vm_id=VM_ID), TARGET),
            (waiver(vm_id=VM_ID), TARGET),
            (waiver(target="one", vm_id=VM_ID.replace("0", "1")), PINNED),
        ],
        ids=["another id", "another name", "name, vm_id not known", "id, vm_id not known", "a VM made anew"],
    )
    def test_it_holds_for_no_other(self, given: Waiver, target: Target) -> None:
        assert not applies(given, WAIVABLE, target, TODAY)

    def test_it_holds_for_no_other_check(self) -> None:
        assert not applies(waiver(), "AZ-SERIAL-002", TARGET, TODAY)

    @pytest.mark.parametrize(
        ("today", "holds"),
        [
            (date(2026, 10, 31), False),
            (date(2026, 11, 1), True),
            (date(2026, 11, 30), True),
            (date(2026, 12, 1), False),
        ],
        ids=["the day before approval", "the day of approval", "the last day", "the day it expires"],
    )
    def test_it_holds_from_its_approval_until_it_expires(self, today: date, holds: bool) -> None:
        assert applies(waiver(), WAIVABLE, TARGET, today) is holds


class TestWaiving:
    def test_a_failure_is_waived_and_says_by_whom(self) -> None:
        judgement = waive(failed(), [waiver()], TARGET, TODAY)

        assert judgement.outcome == "waived"
        assert judgement.reason.startswith("waived by r.weber until 2026-12-01: the serial console")
        assert judgement.problems == (BROKEN,)
        assert not judgement.blocks

    @pytest.mark.parametrize("outcome", ["passed", "warned", "undetermined", "blocked", "not applicable"])
    def test_only_a_failure_is_waived(self, outcome: Outcome) -> None:
        judgement = failed(outcome=outcome)

        assert waive(judgement, [waiver()], TARGET, TODAY) is judgement

    def test_some_failures_nobody_can_waive(self) -> None:
        judgement = failed(UNWAIVABLE)

        assert waive(judgement, [waiver(check=UNWAIVABLE)], TARGET, TODAY) is judgement

    def test_an_expired_waiver_waives_nothing(self) -> None:
        judgement = failed()

        assert waive(judgement, [waiver()], TARGET, date(2026, 12, 1)) is judgement

    def test_without_waivers_a_failure_stays(self) -> None:
        judgement = failed()

        assert waive(judgement, [], TARGET, TODAY) is judgement

    def test_the_first_waiver_that_holds_is_taken(self) -> None:
        expired = waiver(approver="gone", expires=date(2026, 11, 2))

        assert "waived by r.weber" in waive(failed(), [expired, waiver(), waiver(approver="x")], TARGET, TODAY).reason

    def test_the_row_of_a_waived_failure_holds_its_waiver(self) -> None:
        waived = row(waive(failed(), [waiver()], TARGET, TODAY), "one")

        assert (waived.outcome, waived.problems[0].observed) == ("waived", "off")
        assert waived.waiver is not None
        assert (waived.waiver.approver, waived.waiver.state) == ("r.weber", "used")
        assert row(failed(), "one").waiver is None


class TestAccounts:
    SEEN = (record.Target(name="one", id=VM, vm_id=VM_ID),)

    def became(self, *rows: record.Result, **overrides: Any) -> str:
        return accounts([waiver(**overrides)], catalogue(), self.SEEN, rows, TODAY)[0].state

    def test_a_waiver_that_excused_a_failure_is_used(self) -> None:
        assert self.became(row(waive(failed(), [waiver()], TARGET, TODAY), "one")) == "used"
        assert self.became(row(failed(), "one")) == "unused"

    @pytest.mark.parametrize(
        ("state", "overrides"),
        [
            ("unused", {}),
            ("unused", {"target": "ONE", "vm_id": VM_ID.upper()}),
            ("unknown check", {"check": "AZ-SERIAL-999"}),
            ("refused", {"check": UNWAIVABLE}),
            ("refused", {"check": WARNING}),
            ("unknown target", {"target": VM + "2"}),
            ("unknown target", {"target": "two", "vm_id": VM_ID}),
            ("unknown target", {"target": "one", "vm_id": "00000000-0000-4000-8000-000000000000"}),
            ("expired", {"expires": TODAY}),
            ("not yet", {"approved_on": date(2026, 11, 23)}),
        ],
    )
    def test_one_that_was_not_used_says_why(self, state: str, overrides: dict[str, Any]) -> None:
        assert self.became(**overrides) == state

    def test_a_vm_that_nobody_saw_may_be_the_one_that_is_meant(self) -> None:
        unseen = record.Target(name="one", id=VM)
        by_name = waiver(target="one", vm_id=VM_ID)
        assert accounts([by_name], catalogue(), [unseen], [], TODAY)[0].state == "unused"

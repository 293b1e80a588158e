"""What pytest items show: the row that the engine judged, the executor's word, and the words for them in reports."""

from __future__ import annotations

from collections.abc import Generator
from functools import cache
from typing import Any

import pytest

from checks.catalogue import Metadata
from checks.facts import VANTAGES
from reports import allure
from reports.evidence import Result, Target
from reports.verdict import left_to_prepare
from runners.display import REPORT_ATTRIBUTE, SHOWN, fails, message, refusal
from runners.errors import DeskError
from runners.findings import Findings
from runners.items import metadata_of, phase_of, target_of
from runners.stash import session_of

ROW = pytest.StashKey[Result | None]()
EXPLAINED = pytest.StashKey[bool]()
"""Set on an item that fails for what the record holds, and for nothing else."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Forget what an earlier attempt at the item showed: pytest-rerunfailures shows it again."""
    item.stash[EXPLAINED] = False
    item.stash[ROW] = None


@pytest.fixture
def generalized(request: pytest.FixtureRequest) -> Target:
    """Await the end of the target's path and return its record. It is a look-up: nothing is done because of it."""
    try:
        return _findings(request.config).target(target_of(request.node))
    except DeskError as error:
        pytest.fail(str(error), pytrace=False)


def _stand_in(name: str) -> Any:
    @pytest.fixture(name=name)
    def stand_in() -> None:
        """Stand for an argument of a check. The engine judges; an item shows the row, so it is given no facts."""

    return stand_in


azure, guest, disk, receipt, before, policy, artifact = (_stand_in(name) for name in VANTAGES)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Show the row that the engine judged, instead of calling the check a second time."""
    phase = phase_of(pyfuncitem)
    if not phase:
        return None
    if phase == "executor":
        record = pyfuncitem.funcargs["generalized"]
        assert isinstance(record, Target)
        allure.annotate_step(record)
        reason = refusal(record)
        if reason:
            pyfuncitem.stash[EXPLAINED] = True
            pytest.fail(reason, pytrace=False)
        return True
    metadata = metadata_of(pyfuncitem)
    assert metadata is not None
    row = _row(pyfuncitem, metadata)
    allure.annotate(metadata, row.target, metadata.platform, row)
    pyfuncitem.stash[ROW] = row
    if fails(row) and not _left_to_prepare(pyfuncitem, row):
        pyfuncitem.stash[EXPLAINED] = True
        pytest.fail(message(row), pytrace=False)
    if row.outcome == "failed":
        pytest.skip(f"left to prepare: {message(row)}")
    if row.outcome in ("not applicable", "waived"):
        pytest.skip(message(row))
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach the outcome's word to the report, as plain JSON."""
    report = yield
    row, explained = item.stash.get(ROW, None), item.stash.get(EXPLAINED, False)
    called = report.when == "call"
    # A row that lets its item pass has no word for an item that failed, whatever made it fail.
    told = called and row is not None and (explained or not report.failed)
    setattr(report, REPORT_ATTRIBUTE, _shown(called and explained, row.outcome if row is not None and told else ""))
    return report


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """Say warned, waived, undetermined, blocked and not applicable where pytest has no word for it."""
    outcome = getattr(report, REPORT_ATTRIBUTE, {}).get("outcome", "")
    # What is shown again by pytest-rerunfailures counts once, when it is shown for good.
    if outcome not in SHOWN or report.outcome not in ("passed", "failed", "skipped"):
        return None
    # Blocked and undetermined items fail, but stay out of pytest's list of failures: what they wait for is told once,
    # for each target, in our own summary.
    return (outcome, *SHOWN[outcome])


@cache
def _shown(explained: bool, outcome: str) -> dict[str, object]:
    """Return what is attached to a report, once for all that are alike. Plain JSON: it travels between processes."""
    return {"explained": explained, "outcome": outcome}


def _findings(config: pytest.Config) -> Findings:
    findings = session_of(config).findings
    assert findings is not None
    return findings


def _left_to_prepare(item: pytest.Function, row: Result) -> bool:
    """Return whether the row failed, and keeps its target from nothing: our preparation will remove what it found."""
    # Only such a row waits for its target's end.
    return bool(row.rule.remedied_by) and left_to_prepare(row, _findings(item.config).target(row.target))


def _row(item: pytest.Function, metadata: Metadata) -> Result:
    try:
        return _findings(item.config).row(metadata.id, target_of(item))
    except DeskError as error:
        pytest.fail(str(error), pytrace=False)

"""How a run ends: nothing new is launched once it must, the record decides the exit code, and a person reads why."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from reports import allure, terminal
from reports.errors import ReportError
from reports.verdict import exit_code
from runners.ci import Filtered, FrontEnd
from runners.display import REPORT_ATTRIBUTE
from runners.errors import SealproofError
from runners.plain_tests import Ballot
from runners.session import RunSession


class Ending:
    """The hooks that need to know the run: failures, interruptions, the end, the summary."""

    def __init__(self, config: pytest.Config, run: RunSession, note: str = "") -> None:
        self._config = config
        self._run = run
        self._ballot = Ballot(run.votes)
        self._unexplained = False
        self._failures = 0
        self._front = FrontEnd(config.getoption("--ci"), os.environ)
        self._commands = ""
        self._note = note

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take votes, remember failures that the record knows nothing of; let -x and --maxfail stop new launches."""
        self._ballot.take(report)
        if not report.failed:
            return
        if not getattr(report, REPORT_ATTRIBUTE, {}).get("explained", False):
            self._unexplained = True
        limit = self._config.getoption("maxfail")
        self._failures += 1
        if limit and self._failures >= limit:
            self._stop(f"the run ended after {self._failures} failure(s) (-x or --maxfail)")

    def pytest_sessionstart(self) -> None:
        """Let nothing that is printed from now on be a command to a CI system."""
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            self._front.guard(reporter._tw)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember what could not be collected: nobody knows what it would have said."""
        if report.failed:
            self._unexplained = True

    def pytest_keyboard_interrupt(self) -> None:
        """Launch nothing new; what was launched is finished in `pytest_sessionfinish`."""
        self._stop("the run was interrupted")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Wait for what is under way, write the record, and take the exit code from it."""
        if session.shouldfail or session.shouldstop:
            self._stop(f"the run ended early: {session.shouldfail or session.shouldstop}")
        self._say_what_is_awaited()
        try:
            evidence = self._run.finish()
        except (SealproofError, ReportError) as error:
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
            raise pytest.UsageError(str(error)) from None
        if evidence is None:
            return
        if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            code = exit_code(evidence)
            # Whatever pytest shows in red and the record can't explain is no success, and no mere doubt.
            unexplained = self._unexplained or (code == 0 and exitstatus == pytest.ExitCode.TESTS_FAILED)
            session.exitstatus = 1 if unexplained and code in (0, 8) else code
        folder = self._config.getoption("allure_report_dir", None)
        if folder:
            allure.write_environment(Path(folder), evidence)
            allure.write_categories(Path(folder))
            allure.write_executor(Path(folder), os.environ)
        if self._run.folder is not None:
            self._commands = self._front.publish(evidence, self._run.folder.path)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> Generator[None]:
        """Print, after pytest's own lists, what a person needs: per target the verdict, the reasons and the remedy."""
        yield
        evidence, folder = self._run.evidence, self._run.folder
        if evidence is None or folder is None:
            return
        writer = terminalreporter._tw
        terminalreporter.write_line("")
        text = terminal.render(evidence, writer.fullwidth, writer.hasmarkup, str(folder.path))
        terminalreporter.write(text + "\n")
        for text in filter(None, (*self._front.complaints, self._note)):
            terminalreporter.write_line(text)
        if isinstance(writer._file, Filtered):
            writer._file.command(self._commands)

    def _say_what_is_awaited(self) -> None:
        """Tell a person who wonders why the run does not end."""
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        names = self._run.engine.under_way if self._run.engine is not None else ()
        if names and reporter is not None:
            reporter.ensure_newline()
            reporter.write_line(f"still at work: {', '.join(names)}. Nothing new is launched; what was launched ends.")

    def _stop(self, reason: str) -> None:
        if self._run.engine is not None:
            self._run.engine.launch_no_more(reason)

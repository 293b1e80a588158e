"""How a run ends: nothing new is launched once it must, the record decides the exit code, and a person reads why."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from reports import allure
from reports.errors import ReportError
from reports.verdict import exit_code
from runners.ci import Filtered, FrontEnd
from runners.display import REPORT_ATTRIBUTE
from runners.errors import SealproofError
from runners.interrupts import Interrupts
from runners.plain_tests import Ballot
from runners.session import RunSession
from runners.unfinished import next_commands

_INTERRUPTED = "the run was interrupted"
_ABANDONED = (
    "it was abandoned when the run was interrupted for the third time. Its journal says how far it got; what was "
    "launched goes on in its guest without being watched"
)


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
        self._interrupts = Interrupts()
        self._interrupted = False
        self._abandoned = False

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

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self) -> None:
        """Let SIGTERM, which a pipeline's host sends, end the run as Ctrl-C does."""
        self._interrupts.begin()

    def pytest_keyboard_interrupt(self) -> None:
        """Launch nothing new; what was launched is finished in `pytest_sessionfinish`."""
        self._interrupted = True
        self._stop(_INTERRUPTED)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Wait for what is under way, write the record, and take the exit code from it."""
        if session.shouldfail or session.shouldstop:
            self._stop(f"the run ended early: {session.shouldfail or session.shouldstop}")
        self._await_the_end()
        self._interrupts.ignore()
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
        from reports import terminal  # rich, which takes a while, is only for those who come this far

        writer = terminalreporter._tw
        terminalreporter.write_line("")
        text = terminal.render(evidence, writer.fullwidth, writer.hasmarkup, str(folder.path))
        terminalreporter.write(text + "\n")
        commands = next_commands(evidence, folder.path)
        for text in filter(None, (*self._front.complaints, self._note, *commands)):
            terminalreporter.write_line(text)
        if isinstance(writer._file, Filtered):
            writer._file.command(self._commands)

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Give signals back; and where calls in progress were given up, let the process not wait for them."""
        self._interrupts.end()
        if self._abandoned:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(pytest.ExitCode.INTERRUPTED)

    def _await_the_end(self) -> None:
        """Wait for what was launched. The second signal says what the third will abandon."""
        engine = self._run.engine
        if engine is None:
            return
        self._say_what_is_awaited()
        if not self._interrupts.wait(engine.wait, self._warn, 2 if self._interrupted else 3):
            self._abandoned = True
            engine.abandon(_ABANDONED)

    def _warn(self) -> None:
        """Say what one more signal would do."""
        self._stop(_INTERRUPTED)
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if not self._interrupted or reporter is None or self._run.engine is None:
            self._interrupted = True
            self._say_what_is_awaited()
            return
        reporter.ensure_newline()
        reporter.write_line(
            f"interrupted again. Once more abandons {', '.join(self._run.engine.under_way)}: what was launched there "
            "goes on in its guest, nobody watches it, and its VM stays claimed for half an hour."
        )

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

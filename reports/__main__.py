"""What can be done with evidence and waivers when no run is on: `python -m reports COMMAND`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from reports.errors import ReportError
from reports.text import log_safe
from reports.waivers import ends_soon, expiring, load_waivers

USAGE = 2
"""The exit code of a command that could not be done: argparse's own."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do one command and return its exit code. A user's mistake is a message, not a traceback."""
    parser = argparse.ArgumentParser(prog="python -m reports", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _waivers(commands.add_parser("waivers", help="check a waivers file, and say what expires soon"))
    options = parser.parse_args(arguments)
    try:
        code: int = options.do(options)
    except ReportError as error:
        sys.stderr.write(log_safe(f"{error}\n"))
        return USAGE
    return code


def _waivers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--within", type=int, default=14, metavar="DAYS", help="what counts as soon (default: 14)")

    def do(options: argparse.Namespace) -> int:
        file, today = load_waivers(options.file), datetime.now(UTC).date()
        sys.stdout.write(log_safe(expiring(file, today, options.within) + "\n"))
        return 1 if ends_soon(file, today, options.within) else 0

    parser.set_defaults(do=do)


if __name__ == "__main__":
    sys.exit(main())

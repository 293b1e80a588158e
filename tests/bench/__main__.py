"""The benchmark: `python -m tests.bench [PART ...] [--small]`; without parts all of them, and docs/benchmarks.md.

Each part prints its table and keeps it as JSON in .cache/bench; the page is written from what is kept.
"""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys

from tests.bench import page
from tests.bench.parts import PARTS

_SELF = (sys.executable, "-m", "tests.bench")


def main() -> int:
    """Measure the parts that were asked for, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure Sealproof beside others.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--small", action="store_true", help="only rehearse: few rounds, few targets, no page")
    options = parser.parse_args()
    unknown = [name for name in options.parts if name not in PARTS]
    if unknown:
        parser.error(f"there is no part {', '.join(unknown)}. There are {', '.join(PARTS)}.")
    parts = options.parts or list(PARTS)
    if len(parts) > 1:
        # Each in a process of its own: what one grew to would count as the peak of all that the next one starts.
        more = ["--small"] if options.small else []
        return max(subprocess.run([*_SELF, name, *more], check=False).returncode for name in parts)
    table = importlib.import_module(f"tests.bench.{parts[0]}").measure(options.small)
    print(table.markdown(), f"\nkept in {table.keep()}\n", flush=True)
    if not options.small:
        page.write()
        print(f"written: {page.PAGE}")
    return 0


sys.exit(main())

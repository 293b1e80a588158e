"""The `sealproof` command: pytest with our configuration, root and plugin, from any folder."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run pytest as if inside the repository; path options are taken from where the user stands."""
    # The plugin comes by -p, and confcutdir keeps the root's conftest.py out: started elsewhere, pytest would find it
    # only while it collects, which is too late for a plugin and an error.
    ours = ["-c", str(ROOT / "pytest.ini"), "--rootdir", str(ROOT), "-p", "runners.plugin"]
    ours += ["--confcutdir", str(ROOT / "checks")]
    if "no:terminal" not in " ".join(sys.argv):
        # Our own summary names what failed, target by target; pytest's short one would only repeat it (-rA brings it
        # back). Without a terminal there is no such option.
        ours += ["-rN"]
    return int(pytest.main([*ours, *sys.argv[1:]]))

"""The `sealproof` command: pytest with our configuration, root and plugin, from any folder."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run pytest as if inside the repository; path options are taken from where the user stands."""
    ours = ["-c", str(ROOT / "pytest.ini"), "--rootdir", str(ROOT), "-p", "runners.plugin"]
    return int(pytest.main([*ours, *sys.argv[1:]]))

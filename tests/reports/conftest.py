from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest


@pytest.fixture
def openssl() -> Callable[[str], str]:
    """The real openssl: runs a command of it and returns what it prints."""

    def run(words: str) -> str:
        return subprocess.run(["openssl", *words.split()], check=True, capture_output=True, text=True).stdout

    return run

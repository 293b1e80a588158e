from __future__ import annotations

import pytest

from tests.reports.refresh import REPOSITORY


@pytest.fixture(autouse=True, scope="session")
def _trestle() -> None:
    if not (REPOSITORY / ".cache" / "oscal" / ".ready").exists():
        pytest.skip("compliance-trestle is not installed below .cache: run `make oscal`, which installs it")

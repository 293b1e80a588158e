"""Renderings are what a person has read and agreed to."""

from __future__ import annotations

import pytest

from tests.reports.refresh import COMMAND, GOLDEN, RENDERINGS, SCHEMA, schema_bytes
from tests.reports.samples import SAMPLES


@pytest.mark.parametrize("file", RENDERINGS)
@pytest.mark.parametrize("sample", SAMPLES)
def test_a_rendering_is_as_agreed(sample: str, file: str) -> None:
    golden = (GOLDEN / sample / file).read_bytes().decode()
    assert RENDERINGS[file](SAMPLES[sample]()).decode() == golden, f"if the new one is right: {COMMAND}"


def test_the_committed_schema_is_fresh() -> None:
    assert SCHEMA.read_bytes() == schema_bytes(), f"refresh it: {COMMAND}"

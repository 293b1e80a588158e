"""Passwords in answer files, in the forms that Setup reads and people write."""

from __future__ import annotations

import pytest

from runners.disk.process.windows_secrets import has_password
from tests.runners.answer_files import SAMPLES


@pytest.mark.parametrize(("text", "holds"), SAMPLES)
def test_a_password_is_found_wherever_it_stands_in_its_element(text: str, holds: bool) -> None:
    assert has_password(f"<unattend>{text}</unattend>") is holds

"""Shadow files, classified."""

from __future__ import annotations

import pytest

from runners.disk.process.shadow import classify
from runners.disk.process.tree import Unreadable
from tests.runners.password_fields import FIELDS


@pytest.mark.parametrize(("field", "kind"), FIELDS)
def test_a_field_is_a_hash_a_lock_or_empty(field: str, kind: str) -> None:
    (found,) = classify(f"azureuser:{field}:20779:0:99999:7:::\n", "/etc/shadow")
    assert (found.account, found.kind) == ("azureuser", kind)


def test_empty_lines_are_no_accounts() -> None:
    assert classify("\n\n", "/etc/shadow") == ()


@pytest.mark.parametrize("line", ["azureuser", ":$6$salt$hash:1::::::", "$6$salt$hash"])
def test_a_line_that_is_none_makes_the_file_unreadable_without_quoting_it(line: str) -> None:
    with pytest.raises(Unreadable, match=r"line 2 of /etc/shadow-") as caught:
        classify(f"root:*:1::::::\n{line}\n", "/etc/shadow-")
    assert "$6$" not in str(caught.value)


def test_a_file_of_another_form_is_damaged() -> None:
    with pytest.raises(Unreadable, match="nine fields"):
        classify("azureuser:100000:65536\n", "/etc/shadow-")


def test_a_file_with_too_many_lines_is_not_cut() -> None:
    with pytest.raises(Unreadable, match="5001 lines"):
        classify("a:*:1::::::\n" * 5001, "/etc/shadow")

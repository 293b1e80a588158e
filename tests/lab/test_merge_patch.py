"""JSON Merge Patch: the examples of RFC 7396, appendix A."""

from __future__ import annotations

from typing import Any

import pytest

from lab.merge_patch import merge


@pytest.mark.parametrize(
    ("document", "patch", "expected"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_the_examples_of_the_rfc_hold(document: Any, patch: Any, expected: Any) -> None:
    assert merge(document, patch) == expected


def test_the_result_shares_nothing_with_its_sources() -> None:
    document, patch = {"a": {"b": [1]}}, {"c": [2]}
    merged = merge(document, patch)
    merged["a"]["b"].append(3)
    merged["c"].append(4)
    assert (document, patch) == ({"a": {"b": [1]}}, {"c": [2]})

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import pytest

from checks.catalogue import Catalogue, CatalogueError, Problem, builtin_modules, check, grades, problem
from checks.facts import AzureFacts, Policy

GOOD: dict[str, Any] = {
    "id": "AZ-THING-001",
    "title": "the thing is on",
    "phase": "pre",
    "severity": "blocker",
    "why": "Without it nothing works.",
    "fix": "Switch it on.",
    "source": "https://example.org",
    "grade": "D",
}


def on(azure: AzureFacts) -> list[Problem]:
    return []


def module(**functions: Callable[..., Any]) -> types.ModuleType:
    """Return a module that holds `functions` as if it defined them."""
    made = types.ModuleType("made")
    for name, function in functions.items():
        copy = types.FunctionType(function.__code__, globals(), name)
        copy.__dict__.update(function.__dict__)
        copy.__module__ = "made"
        setattr(made, name, copy)
    return made


def decorated(**metadata: Any) -> Callable[..., Any]:
    data = GOOD | metadata
    return check(data.pop("id"), data.pop("title"), **data)(types.FunctionType(on.__code__, globals(), "on"))


def test_the_decorator_only_attaches() -> None:
    function = decorated()

    assert function(None) == []


def test_scanning_finds_decorated_functions_sorted_by_id() -> None:
    functions = {"check_a": decorated(id="AZ-THING-002"), "check_b": decorated(id="AZ-THING-001")}

    assert list(Catalogue.from_modules([module(**functions)])) == ["AZ-THING-001", "AZ-THING-002"]


def test_a_check_tells_what_it_needs_and_where_it_stands() -> None:
    def applies(policy: Policy) -> bool:
        return bool(policy.clean)

    found = Catalogue.from_modules([module(check_a=decorated(applies=applies))])["AZ-THING-001"]

    assert (found.needs, found.applies_needs) == (("azure",), ("policy",))
    assert found.where == f"{found.file}:{found.line}"
    assert found.file.name == "test_catalogue.py"


def test_phases_are_told_apart() -> None:
    functions = {"check_a": decorated(), "check_b": decorated(id="AZ-THING-002", phase="post")}

    catalogue = Catalogue.from_modules([module(**functions)])

    assert [item.id for item in catalogue.phase("post")] == ["AZ-THING-002"]
    assert {file.name for file in catalogue.files} == {"test_catalogue.py"}


def test_a_check_without_the_decorator_is_an_error_and_not_a_pass() -> None:
    with pytest.raises(CatalogueError, match=r"test_catalogue.py:\d+: check_on has no @check decorator"):
        Catalogue.from_modules([module(check_on=on)])


def test_a_helper_needs_no_decorator() -> None:
    assert len(Catalogue.from_modules([module(helper=on)])) == 0


def test_a_decorated_function_is_named_as_a_check() -> None:
    with pytest.raises(CatalogueError, match="AZ-THING-001 is on thing; name it check_<noun>_<state>"):
        Catalogue.from_modules([module(thing=decorated())])


def test_an_imported_check_is_left_to_its_own_module() -> None:
    importer = types.ModuleType("importer")
    importer.check_a = module(check_a=decorated()).check_a  # type: ignore[attr-defined]

    assert len(Catalogue.from_modules([importer])) == 0


def test_ids_are_never_used_twice() -> None:
    with pytest.raises(CatalogueError, match=r"AZ-THING-001 is used twice: .+:\d+ and .+:\d+\. Ids are never reused"):
        Catalogue.from_modules([module(check_a=decorated(), check_b=decorated())])


def test_a_check_takes_facts_only() -> None:
    def check_it(host: object) -> list[Problem]:
        return []

    with pytest.raises(CatalogueError, match=r"takes \(host\); a check takes facts by name: azure, guest"):
        Catalogue.from_modules([module(check_it=check(GOOD["id"], GOOD["title"], **_rest())(check_it))])


def test_a_check_takes_at_least_one_fact() -> None:
    def check_it() -> list[Problem]:
        return []

    with pytest.raises(CatalogueError, match="a check takes facts by name"):
        Catalogue.from_modules([module(check_it=check(GOOD["id"], GOOD["title"], **_rest())(check_it))])


def test_a_predicate_takes_facts_only() -> None:
    with pytest.raises(CatalogueError, match=r"applies= takes \(today\)"):
        Catalogue.from_modules([module(check_a=decorated(applies=lambda today: bool(today)))])


@pytest.mark.parametrize(
    ("metadata", "complaint"),
    [
        ({"id": "thing"}, "not AREA-NOUN-NNN"),
        ({"id": "AZ-THING-1"}, "not AREA-NOUN-NNN"),
        ({"id": "AZ-THING-0001"}, "not AREA-NOUN-NNN"),
        ({"title": ""}, "title must state"),
        ({"title": "the thing is on."}, "title must state"),
        ({"title": "Ensure the thing is on"}, "title must state"),
        ({"title": "x" * 81}, "title must state"),
        ({"why": " "}, "its why is empty"),
        ({"fix": ""}, "its fix is empty"),
        ({"source": ""}, "its source is empty"),
        ({"phase": "during"}, "its phase is 'during', not one of pre, post, boot"),
        ({"platform": "mac"}, "its platform is 'mac'"),
        ({"severity": "high"}, "its severity is 'high'"),
        ({"grade": "Z"}, "its grade is 'Z'"),
        ({"remedied_by": "hope"}, "its remedied_by is 'hope'"),
        ({"proves": "sealed", "phase": "post"}, "its proves is 'sealed'"),
        ({"proves": "deprovisioned"}, "only a post check can prove"),
    ],
)
def test_malformed_metadata_is_refused_by_name_and_place(metadata: dict[str, Any], complaint: str) -> None:
    with pytest.raises(CatalogueError, match=r"test_catalogue.py:\d+: check ") as caught:
        Catalogue.from_modules([module(check_a=decorated(**metadata))])

    assert complaint in str(caught.value)


def test_all_complaints_about_a_check_come_at_once() -> None:
    with pytest.raises(CatalogueError, match="its why is empty; its fix is empty"):
        Catalogue.from_modules([module(check_a=decorated(why="", fix=""))])


def test_our_own_catalogue_holds_all_areas() -> None:
    areas = {item.partition("-")[0] for item in Catalogue.from_modules(builtin_modules())}

    assert areas == {"AZ", "DISK", "LNX", "RUN", "WIN"}


def test_each_grade_has_a_meaning() -> None:
    assert all(grades().values())


def test_a_problem_is_written_out() -> None:
    found = problem(observed=3, expected=None, where="there")

    assert (found.observed, found.expected, found.where) == ("3", "None", "there")


def _rest() -> dict[str, Any]:
    return {key: value for key, value in GOOD.items() if key not in ("id", "title")}

"""The catalogue refuses every check that would mislead its readers or never be judged."""

from __future__ import annotations

import importlib.util
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import FrozenInstanceError
from pathlib import Path
from types import ModuleType

import pytest

from checks.catalogue import Catalogue, CatalogueError, builtin_modules, grades, problem

METADATA = {
    "id": '"LNX-AGENT-001"',
    "title": '"the Azure agent is installed"',
    "phase": '"pre"',
    "severity": '"blocker"',
    "why": '"without it nothing is deprovisioned"',
    "fix": '"apt-get install waagent"',
    "source": '"https://learn.microsoft.com/"',
    "grade": '"D"',
}
HEAD = "from checks.catalogue import check, problem\n"
Load = Callable[..., ModuleType]


def source(name: str = "check_agent_installed", arguments: str = "guest", **changes: str) -> str:
    given = ", ".join(f"{key}={value}" for key, value in (METADATA | changes).items())
    return f"@check({given})\ndef {name}({arguments}):\n    return []\n"


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Load]:
    loaded: list[str] = []

    def from_text(text: str, name: str = "agent") -> ModuleType:
        file = tmp_path / f"{name}.py"
        file.write_text(HEAD + textwrap.dedent(text))
        spec = importlib.util.spec_from_file_location(name, file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        loaded.append(name)
        spec.loader.exec_module(module)
        return module

    yield from_text
    for name in loaded:
        del sys.modules[name]


def refusal(*modules: ModuleType) -> str:
    with pytest.raises(CatalogueError) as error:
        Catalogue.from_modules(modules)
    return str(error.value)


def test_a_check_is_found_with_its_place_and_what_it_needs(load: Load) -> None:
    module = load(source(arguments="azure, guest", applies="lambda guest: True"))

    catalogue = Catalogue.from_modules([module])

    (check,) = catalogue.values()
    assert (check.id, check.needs, check.applies_needs) == ("LNX-AGENT-001", ("azure", "guest"), ("guest",))
    assert check.where == f"{module.__file__}:2"
    assert catalogue.files == {Path(str(module.__file__)).resolve()}
    assert check.metadata.platform == "any"
    assert check.metadata.waivable


def test_the_decorator_leaves_the_function_as_it_is(load: Load) -> None:
    module = load(source())

    assert module.check_agent_installed(guest=None) == []


def test_checks_are_sorted_by_id_and_told_by_phase(load: Load) -> None:
    text = source("check_b", id='"LNX-AGENT-002"') + source("check_a") + source("check_c", id='"AZ-VM-001"')
    catalogue = Catalogue.from_modules([load(text + source("check_d", id='"AZ-VM-002"', phase='"post"'))])

    assert list(catalogue) == ["AZ-VM-001", "AZ-VM-002", "LNX-AGENT-001", "LNX-AGENT-002"]
    assert [check.id for check in catalogue.phase("pre")] == ["AZ-VM-001", "LNX-AGENT-001", "LNX-AGENT-002"]
    assert [check.id for check in catalogue.phase("post")] == ["AZ-VM-002"]
    assert catalogue.phase("boot") == ()
    assert len(catalogue) == 4


def test_what_a_module_imports_is_left_to_its_own_module(load: Load) -> None:
    first = load(source(), "one")
    second = load("from one import check_agent_installed\n", "two")

    assert list(Catalogue.from_modules([first, second])) == ["LNX-AGENT-001"]
    assert list(Catalogue.from_modules([second])) == []


def test_an_id_that_is_used_twice_is_refused_with_both_places(load: Load) -> None:
    first, second = load(source(), "one"), load("\n" + source("check_other"), "two")

    text = refusal(first, second)

    assert "LNX-AGENT-001 is used twice" in text
    assert "one.py:2" in text
    assert "two.py:3" in text


def test_a_check_without_its_decorator_is_refused_since_it_would_never_be_judged(load: Load) -> None:
    text = refusal(load("def check_agent_installed(guest):\n    return []\n"))

    assert "agent.py:2: check_agent_installed has no @check decorator" in text


def test_a_helper_may_have_any_other_name(load: Load) -> None:
    assert len(Catalogue.from_modules([load("def agents(guest):\n    return []\n")])) == 0


def test_a_decorated_function_must_be_named_as_a_check(load: Load) -> None:
    assert "LNX-AGENT-001 is on agent_installed" in refusal(load(source("agent_installed")))


@pytest.mark.parametrize("arguments", ["", "host", "guest, now", "*guests", "**facts"])
def test_a_check_takes_facts_by_name_and_nothing_else(load: Load, arguments: str) -> None:
    assert "a check takes facts by name: azure, guest, disk" in refusal(load(source(arguments=arguments)))


def test_a_predicate_takes_facts_by_name_as_well(load: Load) -> None:
    assert "applies= takes (now)" in refusal(load(source(applies="lambda now: True")))


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("id", '"LNX-1"', "its id is not AREA-NOUN-NNN"),
        ("id", '"lnx-agent-001"', "its id is not AREA-NOUN-NNN"),
        ("id", '"LNX-AGENT-001\\n"', "its id is not AREA-NOUN-NNN"),
        ("title", '""', "its title must state"),
        ("title", '"the agent is installed."', "its title must state"),
        ("title", '"Ensure the agent is installed"', "its title must state"),
        ("title", '"x" * 81', "its title must state"),
        ("why", '" "', "its why is empty"),
        ("fix", '""', "its fix is empty"),
        ("source", '""', "its source is empty"),
        ("phase", '"before"', "its phase is 'before', not one of pre, post"),
        ("phase", '"boot"', "this version makes no VM from the image"),
        ("platform", '"macos"', "its platform is 'macos'"),
        ("severity", '"high"', "its severity is 'high'"),
        ("remedied_by", '"hand"', "its remedied_by is 'hand'"),
        ("proves", '"everything"', "its proves is 'everything'"),
        ("grade", '"A+"', "its grade is 'A+'"),
    ],
)
def test_malformed_metadata_is_refused_with_file_line_and_what_is_wrong(
    load: Load, field: str, value: str, complaint: str
) -> None:
    text = refusal(load(source(**{field: value})))

    assert complaint in text
    assert "agent.py:2: check " in text


def test_everything_wrong_with_a_check_is_said_at_once(load: Load) -> None:
    text = refusal(load(source(why='""', fix='""', grade='"?"')))

    assert "its why is empty; its fix is empty; its grade is '?'" in text


def test_only_a_post_check_can_prove(load: Load) -> None:
    assert "only a post check can prove" in refusal(load(source(proves='"deprovisioned"')))
    assert Catalogue.from_modules([load(source(proves='"deprovisioned"', phase='"post"'), "post")])


def test_a_title_of_80_characters_is_not_too_long(load: Load) -> None:
    assert len(Catalogue.from_modules([load(source(title='"x" * 80'))])) == 1


def test_a_catalogue_is_frozen(load: Load) -> None:
    catalogue = Catalogue.from_modules([load(source())])

    with pytest.raises(TypeError):
        catalogue["LNX-AGENT-001"] = catalogue["LNX-AGENT-001"]  # type: ignore[index]
    with pytest.raises(FrozenInstanceError):
        catalogue["LNX-AGENT-001"].line = 1  # type: ignore[misc]


def test_every_check_of_ours_is_well_formed_and_its_file_is_ours() -> None:
    catalogue = Catalogue.from_modules(builtin_modules())

    assert len(catalogue) >= 15
    assert {file.parent.name for file in catalogue.files} == {"azure", "linux", "run", "windows"}
    assert any(check.metadata.proves for check in catalogue.phase("post"))


def test_a_problem_holds_text_whatever_it_is_given() -> None:
    found = problem(observed=3, expected=None, where="C:")

    assert (found.observed, found.expected, found.where) == ("3", "None", "C:")


def test_grades_are_explained_and_can_not_be_changed_by_a_reader() -> None:
    letters = grades()

    assert {"D", "S", "T", "R", "X"} <= set(letters)
    assert all(letters.values())
    assert grades() == letters
    assert grades() is not letters

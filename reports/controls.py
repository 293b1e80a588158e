"""Which controls of which frameworks a check supports: read from the data files in checks/controls.

python -m reports.controls > docs/controls.md
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

import checks
from checks.catalogue import Catalogue, builtin_modules
from reports.document import read_document
from reports.errors import DocumentError
from reports.mistakes import mistakes_of

FOLDER = Path(checks.__file__).parent / "controls"
THEMES = "themes.yaml"

Sure = Literal["direct", "partial", "related", "derived"]
_MEANING: Mapping[Sure, str] = {
    "direct": "the control asks for what the checks look at",
    "partial": "the checks look at a part of what the control asks for",
    "related": "the checks look at something that the control is about, and at nothing that it asks for by name",
    "derived": "others published that the control goes with one that the checks support, or with a rule like them; the "
    "checks were not compared with the standard's own text",
}
ASKED_FOR: frozenset[Sure] = frozenset({"direct", "partial"})
"""What a mapping says where its checks look at something that the control asks for."""


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Theme(_Data):
    """What a group of checks looks for."""

    title: str
    checks: list[str]


class NotMapped(_Data):
    """Checks that support no control although they may look so."""

    checks: list[str]
    why: str


class Themes(_Data):
    """All groups."""

    version: Literal[1]
    themes: dict[str, Theme]
    not_mapped: list[NotMapped]


class Crosswalk(_Data):
    """What somebody published about a framework: which of its controls go with a control of another, or with a rule."""

    publisher: str
    title: str
    source: str
    read: list[str]
    """Addresses where its rows were really read, each of a state that does not change."""
    of: str = ""
    """The framework whose controls its rows are; empty where they are rules of the publisher's own."""
    rows: dict[str, list[str]]


class Support(_Data):
    """One group supports one control. `why` says how far."""

    theme: str
    control: str
    sure: Sure
    through: list[str] = []
    """Rows of a crosswalk, where the mapping is derived."""
    why: str


class Framework(_Data):
    """One framework: its controls that are supported, and by what."""

    version: Literal[1]
    framework: str
    edition: str
    source: str
    oscal: str = ""
    """Address of its catalogue in OSCAL; empty where there is none."""
    note: str
    crosswalks: list[Crosswalk] = []
    controls: dict[str, str]
    """Id -> title, of those that are mapped."""
    mappings: list[Support]


_Model = TypeVar("_Model", bound=BaseModel)


@lru_cache(maxsize=1)
def themes() -> Themes:
    """Return the groups of checks. Raises `DocumentError`."""
    return _read(FOLDER / THEMES, Themes)


@lru_cache(maxsize=1)
def frameworks() -> tuple[Framework, ...]:
    """Return all frameworks, in the order of their files' names. Raises `DocumentError`."""
    return tuple(_read(path, Framework) for path in sorted(FOLDER.glob("*.yaml")) if path.name != THEMES)


def supported(framework: Framework, check: str) -> tuple[Support, ...]:
    """Return what a check supports in a framework: one entry a control, the surest of them first."""
    groups = {name for name, theme in themes().themes.items() if check in theme.checks}
    found = sorted(
        (item for item in framework.mappings if item.theme in groups), key=lambda item: list(_MEANING).index(item.sure)
    )
    return tuple({item.control: item for item in reversed(found)}.values())


def checks_of(framework: Framework, control: str, sure: Collection[Sure] = tuple(_MEANING)) -> frozenset[str]:
    """Return the checks that support a control, of mappings that are so sure: of all, unless told."""
    names = {item.theme for item in framework.mappings if item.control == control and item.sure in sure}
    return frozenset(check for name in names for check in themes().themes[name].checks)


def lint(known: Iterable[str]) -> Iterator[str]:
    """Find checks, groups and controls that are named and not there, and what is said twice or of nothing."""
    ids, groups = frozenset(known), themes()
    named = [check for theme in groups.themes.values() for check in theme.checks]
    apart = [check for item in groups.not_mapped for check in item.checks]
    yield from (f"{THEMES}: there is no check {check}" for check in sorted({*named, *apart} - ids))
    yield from (f"{THEMES}: {check} is in a group and not mapped" for check in sorted({*named} & {*apart}))
    for name, theme in groups.themes.items():
        if len(set(theme.checks)) < len(theme.checks):
            yield f"{THEMES}: a check is in {name} twice"
    for framework in frameworks():
        pairs = [(item.theme, item.control) for item in framework.mappings]
        where = framework.framework
        yield from (f"{where}: there is no group {name}" for name, _ in pairs if name not in groups.themes)
        yield from (
            f"{where}: it has no control {control}" for _, control in pairs if control not in framework.controls
        )
        unused = framework.controls.keys() - {control for _, control in pairs}
        yield from (f"{where}: nothing supports {control}" for control in sorted(unused))
        if len(set(pairs)) < len(pairs):
            yield f"{where}: a group supports a control twice"
        yield from _lint_derived(framework)


def _lint_derived(framework: Framework) -> Iterator[str]:
    rows = [row for crosswalk in framework.crosswalks for row in crosswalk.rows]
    used = {row for item in framework.mappings for row in item.through}
    where = framework.framework
    yield from (f"{where}: two crosswalks have the row {row}" for row in sorted({r for r in rows if rows.count(r) > 1}))
    yield from (f"{where}: no mapping goes through {row}" for row in rows if row not in used)
    for item in framework.mappings:
        where = f"{framework.framework}: {item.theme} to {item.control}"
        if (item.sure == "derived") != bool(item.through):
            yield f"{where}: a mapping that is derived says through what, and no other does"
        for row in item.through:
            found = [one for one in framework.crosswalks if item.control in one.rows.get(row, [])]
            if not found:
                yield f"{where}: no crosswalk has that control in a row {row}"
            for one in found:
                if one.of and not _is_supported(one.of, item.theme, row):
                    yield f"{where}: the group does not support {row} of {one.of}"


def _is_supported(framework: str, theme: str, control: str) -> bool:
    """Return whether the group supports the control or an enhancement of it: CM-3(2) is one of CM-3."""
    mappings = (item for one in frameworks() if one.framework == framework for item in one.mappings)
    return any(item.theme == theme and item.control.partition("(")[0] == control for item in mappings)


def unmapped(known: Iterable[str]) -> tuple[str, ...]:
    """Return the checks that support no control of any framework."""
    named = {check for theme in themes().themes.values() for check in theme.checks}
    return tuple(sorted(set(known) - named))


def document() -> str:
    """Return docs/controls.md."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield "# Controls"
    yield ""
    yield "<!-- Generated from checks/controls: python -m reports.controls > docs/controls.md -->"
    yield ""
    yield (
        "Which controls of which frameworks the checks *support*: evidence of a run helps to show them, and satisfies "
        "none by itself. How sure each mapping is stands beside it, and why. Checks that are in no group are about "
        "whether the step will work; `python -m reports.controls --unmapped` lists them."
    )
    yield ""
    yield (
        "ISO/IEC 27001, PCI DSS and SOC 2 are mapped only through what others published and could be read: that is "
        "named, and so are the groups that nothing fits."
    )
    yield ""
    yield "| how sure | meaning |"
    yield "|---|---|"
    yield from (f"| {sure} | {meaning} |" for sure, meaning in _MEANING.items())
    yield ""
    yield "## In OSCAL"
    yield ""
    yield (
        "`oscal-assessment-results.json` tells of NIST SP 800-53 what these mappings bear. What passed is an "
        "observation. A finding says `not-satisfied` of a control on a target where a check that looks at something it "
        "asks for (direct, partial) did not pass; its reason is `fail`, or `other` where nobody could look. A related "
        "mapping makes no finding, and no finding says `satisfied`: OSCAL means all of a control by that "
        "([finding-target](https://github.com/usnistgov/OSCAL/blob/v1.1.3/src/metaschema/"
        "oscal_assessment-common_metaschema.xml)), which looking at a VM can't show. Whether a control is "
        "satisfied, its assessor says, with the observations as evidence. Reviewed are the controls at one of whose "
        "checks the run looked, and those that a finding tells of; a check for which nobody could look reviews nothing."
    )
    yield ""
    yield "## Groups of checks"
    yield ""
    yield "| group | what it looks for | checks |"
    yield "|---|---|---|"
    for name, theme in themes().themes.items():
        links = ", ".join(f"[{check}](checks.md#{check.lower()})" for check in theme.checks)
        yield f"| {name} | {theme.title} | {links} |"
    for framework in frameworks():
        yield from _section(framework)
    yield ""
    yield "## Not mapped on purpose"
    yield ""
    for apart in themes().not_mapped:
        yield f"- {', '.join(apart.checks)}: {apart.why}"


def _section(framework: Framework) -> Iterator[str]:
    yield ""
    yield f"## {framework.framework}, {framework.edition}"
    yield ""
    yield f"Source: <{framework.source}>. {framework.note}"
    yield ""
    for crosswalk in framework.crosswalks:
        read = " and ".join(f"[{place.split('/', 3)[3].split('/blob/')[0]}]({place})" for place in crosswalk.read)
        rows = f"controls of {crosswalk.of}" if crosswalk.of else "rules of its own"
        yield f"- {crosswalk.publisher}: [{crosswalk.title}]({crosswalk.source}), from {rows}; read in {read}."
    if framework.crosswalks:
        yield ""
    yield "| control | title | supported by | how sure | why |"
    yield "|---|---|---|---|---|"
    for item in sorted(framework.mappings, key=lambda item: _order(framework, item.control)):
        through = " and ".join(f"`{row}`" for row in item.through)
        sure = f"{item.sure}, through {through}" if through else item.sure
        yield f"| {item.control} | {framework.controls[item.control]} | {item.theme} | {sure} | {item.why} |"
    left = [name for name in themes().themes if name not in {item.theme for item in framework.mappings}]
    if left:
        yield ""
        yield f"Groups without a mapping: {', '.join(left)}."


def _order(framework: Framework, control: str) -> int:
    return list(framework.controls).index(control)


def _read(path: Path, model: type[_Model]) -> _Model:
    found = read_document(path, "file of controls")
    try:
        return model.model_validate(found.data)
    except ValidationError as error:
        mistakes = ((found.line(item.place), item.text) for item in mistakes_of(error, (), model))
        raise DocumentError("\n".join(f"{path}:{line}: {text}" for line, text in mistakes)) from None


if __name__ == "__main__":
    if "--unmapped" in sys.argv:
        sys.stdout.write("\n".join(unmapped(Catalogue.from_modules(builtin_modules()))) + "\n")
    else:
        sys.stdout.write(document())

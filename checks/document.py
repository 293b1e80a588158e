"""The catalogue as a page for readers: docs/checks.md.

    python -m checks.document > docs/checks.md

A test proves that the committed page is what this prints.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import groupby

from checks.catalogue import Catalogue, Check, builtin_modules, grades
from checks.left_out import LEFT_OUT

_PHASES = {
    "pre": (
        "Before: what opens the gate",
        "Judged on the live VM. One blocker that fails or can't be judged closes the gate.",
    ),
    "post": ("After: what proves the seal", "Judged on what the platform says and on the stopped disk."),
}
_AREAS = {"any": "Any VM", "linux": "Linux", "windows": "Windows"}
_SEVERITIES = {
    "blocker": "Blocker",
    "warning": "Warning: it is shown and stops nothing",
    "info": "Information: it is shown and stops nothing",
}
_VANTAGES = {
    "azure": "the control plane",
    "guest": "the guest",
    "disk": "the stopped disk",
    "receipt": "the receipt",
    "before": "what was seen before",
    "policy": "the fleet file",
    "artifact": "the disk or snapshot in Azure",
}


def render(catalogue: Catalogue) -> str:
    """Return the page as Markdown. The same catalogue gives the same bytes."""
    return "\n".join(_page(catalogue)) + "\n"


def _page(catalogue: Catalogue) -> Iterator[str]:
    yield "# Checks"
    yield ""
    yield "<!-- Generated from the catalogue: python -m checks.document > docs/checks.md -->"
    yield ""
    yield (
        f"Sealproof has {len(catalogue)} checks. Each is a small pure function over observed facts: it returns what "
        "breaks the rule, or nothing. A fact that could not be observed makes a check *undetermined*, never passed; "
        "a blocker that fails or is undetermined stops the target."
    )
    yield ""
    yield from _contents(catalogue)
    for phase, checks in groupby(_sorted(catalogue.values()), key=lambda item: item.metadata.phase):
        title, text = _PHASES[phase]
        yield f"## {title}"
        yield ""
        yield text
        yield ""
        for platform, group in groupby(checks, key=lambda item: item.metadata.platform):
            yield f"### {_AREAS[platform]}, {phase}"
            yield ""
            for item in group:
                yield from _entry(item)
    yield from _left_out()
    yield from _sources()


def _contents(catalogue: Catalogue) -> Iterator[str]:
    yield "| check | holds when | phase | for | severity |"
    yield "|---|---|---|---|---|"
    for item in _sorted(catalogue.values()):
        data = item.metadata
        link = f"[{data.id}](#{data.id.lower()})"
        yield f"| {link} | {_cell(data.title)} | {data.phase} | {data.platform} | {data.severity} |"
    yield ""


def _entry(item: Check) -> Iterator[str]:
    data = item.metadata
    yield f"#### {data.id}"
    yield ""
    yield f"**{_prose(data.title)}**"
    yield ""
    yield _prose(data.why)
    yield ""
    yield f"- **What to do:** {_prose(data.fix)}"
    yield f"- **Severity:** {'; '.join(_severity(item))}"
    yield f"- **Looks at:** {', '.join(_VANTAGES[name] for name in item.needs)}"
    yield f"- **Source:** {_linked(data.source)} ({data.grade}: {grades()[data.grade]})"
    yield ""


def _severity(item: Check) -> Iterator[str]:
    data = item.metadata
    yield _SEVERITIES[data.severity]
    if data.severity == "blocker":
        yield "a waiver may excuse it" if data.waivable else "no waiver excuses it"
    if data.proves:
        yield "passing it proves that the guest was deprovisioned"
    if data.remedied_by:
        yield "Sealproof's own preparation removes what it finds, so it does not close the gate"
    if data.applies:
        yield "it does not apply to every target"


def _left_out() -> Iterator[str]:
    yield "## Left out"
    yield ""
    yield "Rules that are known and that no check judges, each with the reason."
    yield ""
    yield "| for | rule | why no check judges it |"
    yield "|---|---|---|"
    for item in sorted(LEFT_OUT, key=lambda item: (list(_AREAS).index(item.platform), item.rule)):
        yield f"| {_AREAS[item.platform]} | {_cell(item.rule)} | {_cell(item.reason)} |"
    yield ""


def _sources() -> Iterator[str]:
    yield "## How sure a source is"
    yield ""
    yield "Rules whose source is recalled (R) or inferred (X) only warn."
    yield ""
    yield "| grade | meaning |"
    yield "|---|---|"
    for letter, meaning in grades().items():
        yield f"| {letter} | {meaning} |"


def _sorted(checks: Iterable[Check]) -> list[Check]:
    phases, platforms = list(_PHASES), list(_AREAS)
    return sorted(
        checks, key=lambda item: (phases.index(item.metadata.phase), platforms.index(item.metadata.platform), item.id)
    )


def _prose(text: str) -> str:
    # Text of a check is no Markdown: C:\Windows, [enc: and * would vanish or turn into markup.
    for character in "\\`*_[]<>":
        text = text.replace(character, f"\\{character}")
    return text


def _cell(text: str) -> str:
    return _prose(text).replace("|", "\\|")


def _linked(source: str) -> str:
    # "https://example.org/page (chapter)": the address becomes a link, words around it stay
    return " ".join(f"<{word}>" if word.startswith("https://") else _prose(word) for word in source.split())


if __name__ == "__main__":
    sys.stdout.write(render(Catalogue.from_modules(builtin_modules())))

"""Raw probe output of hand-built machines: files below `answers/`, changed by patches.

answers/SET/about.yaml          platform, why the answers look as they do, what step scripts print
answers/SET/PROBE.txt | .json   what the probe prints: lines on Linux, one JSON object on Windows
answers/SET/patches/NAME.yaml   a change with a name
answers/SET/probes.sha256       digests of the probes that the answers were written for
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError

from lab.strict import Strict

HOME = Path(__file__).parent / "answers"

LinePatch = dict[str, str | list[str] | None]
"""Per key, its new lines without the key (`"=value"`, `"!absent"`, `["+item", "#1"]`), or null for none."""
Patch = dict[str, dict[str, Any]]
"""Per probe: a `LinePatch` on Linux; on Windows each named fact's new object."""


class AnswerSetError(Exception):
    """An answer set or a patch can't be used. The text says which, and what to do."""


class Step(Strict):
    """What a step script prints, and what the probes print otherwise afterwards. `{nonce}` is filled in."""

    stdout: str = ""
    """What it prints on standard output."""
    stderr: str = ""
    """What it prints on standard error."""
    exit_code: int = 0
    """Its exit code."""
    patch: Patch = Field(default_factory=dict)
    """Changes of the answers, from then on."""


class _About(Strict):
    platform: Literal["linux", "windows"]
    constructed: str
    steps: dict[str, Step] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AnswerSet:
    """What each probe prints on one machine, and each step script."""

    name: str
    platform: Literal["linux", "windows"]
    raw: Mapping[str, str]
    steps: Mapping[str, Step]

    def patched(self, patch: Patch) -> AnswerSet:
        """Return the set with `patch` applied. Raises `AnswerSetError` for a probe that it does not answer."""
        raw = dict(self.raw)
        for probe, changes in patch.items():
            if probe not in raw:
                raise AnswerSetError(
                    f"answers {self.name}: there is no probe {probe!r} to patch; there are {', '.join(sorted(raw))}."
                )
            change = _patch_lines if self.platform == "linux" else _patch_object
            raw[probe] = change(raw[probe], changes, f"answers {self.name}: patch of {probe}")
        return AnswerSet(self.name, self.platform, raw, self.steps)


def load_answers(name: str, patches: Sequence[str] = ()) -> AnswerSet:
    """Return the answer set `name` with its named `patches` applied in order.

    Raises `AnswerSetError` for an unknown set or patch, naming those that exist.
    """
    folder = HOME / name
    if not (folder / "about.yaml").is_file():
        known = ", ".join(sorted(path.parent.name for path in HOME.glob("*/about.yaml")))
        raise AnswerSetError(f"there are no answers {name!r}; there are {known}.")
    try:
        about = _About.model_validate(_yaml(folder / "about.yaml"))
    except ValidationError as error:
        raise AnswerSetError(f"{folder / 'about.yaml'}: {error}") from None
    suffix = ".txt" if about.platform == "linux" else ".json"
    raw = {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob(f"*{suffix}"))}
    answers = AnswerSet(name, about.platform, raw, about.steps)
    for patch in patches:
        file = folder / "patches" / f"{patch}.yaml"
        if not file.is_file():
            known = ", ".join(sorted(path.stem for path in file.parent.glob("*.yaml")))
            raise AnswerSetError(f"answers {name}: there is no patch {patch!r}; there are {known}.")
        answers = answers.patched(_yaml(file))
    return answers


def _yaml(file: Path) -> Any:
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise AnswerSetError(f"{file}: this is not YAML: {error}") from None


def _patch_lines(raw: str, changes: Mapping[str, Any], where: str) -> str:
    lines = raw.splitlines()
    for key, new in changes.items():
        lines = [line for line in lines if not (line.startswith(key) and line[len(key) : len(key) + 1] in "=!?+#")]
        added = [] if new is None else [new] if isinstance(new, str) else new
        if not all(isinstance(line, str) and line[:1] in tuple("=!?+#") for line in added):
            raise AnswerSetError(f"{where}: each new line of {key} begins with one of = ! ? + #, such as '=value'.")
        lines += [f"{key}{line}" for line in added]
    return "".join(f"{line}\n" for line in lines)


def _patch_object(raw: str, changes: Mapping[str, Any], where: str) -> str:
    facts = json.loads(raw)
    for key, new in changes.items():
        if not isinstance(new, dict) or len(new) != 1 or not set(new) <= {"value", "absent", "unknown"}:
            raise AnswerSetError(f"{where}: {key} is {{value: ..}}, {{absent: true}} or {{unknown: reason}}.")
        facts[key] = new
    return json.dumps(facts, separators=(",", ":"))

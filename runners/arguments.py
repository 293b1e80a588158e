"""What of the command line is kept in evidence: values only of options that are known to hold no secret."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_OURS = {
    "--fleet": "fleet",
    "--target": "target",
    "--select": "select",
    "--file": "file",
    "--platform": "platform",
    "--account": "account",
    "--digest": "digest",
    "--lab": "lab",
    "--generalize": "generalize",
    "--observe": "observe",
    "--confirm": "confirm",
    "--consent": "consent",
    "--arm-endpoint": "arm_endpoint",
    "--authority": "authority",
    "--ca": "ca",
    "--checks": "checks",
    "--evidence": "evidence",
    "--waivers": "waivers",
    "--allow-lab": "allow_lab",
    "--ci": "ci",
    "--concurrency": "concurrency",
    "--shard": "shard",
}
_SELECTION = {
    "-k": "keyword",
    "-m": "markexpr",
    "--maxfail": "maxfail",
    "--lf": "lf",
    "--ff": "failedfirst",
    "--sw": "stepwise",
    "--deselect": "deselect",
    "--ignore": "ignore",
    "--ignore-glob": "ignore_glob",
}
"""What pytest is told to show: with paths and node ids all that may hold back an action."""
_ADDED = ("-c", "--rootdir", "--confcutdir", "-p", "-r")
"""What the `sealproof` command adds by itself."""
_SAME = {"-x": "--maxfail", "--exitfirst": "--maxfail", "--last-failed": "--lf", "--failed-first": "--ff"}
# --hosts=winrm://user:secret@host, --hosts, -q, -ocache_dir=x
_NAME = re.compile(r"--[A-Za-z0-9][A-Za-z0-9_-]*|-[A-Za-z]")


def recorded(arguments: Sequence[str], options: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the command line as evidence keeps it.

    `arguments` is what was typed, `options` what pytest made of it, by destination. Our own options and those that
    select come with their values (`--lab=demo`, `-k=win01`, paths), where they are set; of all others only the name
    is kept: `--hosts=winrm://user:secret@host` becomes `--hosts`.
    """
    known = {**_OURS, **_SELECTION}
    kept = [text for name, key in known.items() for text in _shown(name, options.get(key))]
    kept += map(str, options.get("file_or_dir") or ())
    names = (match[0] for match in map(_NAME.match, arguments) if match and match[0] not in _ADDED)
    kept += dict.fromkeys(name for name in names if _SAME.get(name, name) not in known)
    return tuple(kept)


def _shown(name: str, value: Any) -> Iterator[str]:
    if value is True:
        yield name
    elif isinstance(value, list | tuple):
        yield from (f"{name}={item}" for item in value)
    elif value:
        yield f"{name}={value}"

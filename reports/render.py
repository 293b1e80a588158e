"""All renderings of a record, by their files' names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from reports import html, junit, oscal, summary
from reports.errors import FolderError
from reports.evidence import Evidence
from reports.folder import write_whole

RENDERINGS: Mapping[str, Callable[[Evidence], Iterable[bytes]]] = {
    html.FILE_NAME: html.chunks,
    junit.FILE_NAME: junit.chunks,
    summary.FILE_NAME: lambda evidence: (summary.render(evidence),),
    oscal.FILE_NAME: oscal.chunks,
}
"""Each gives its file piece by piece: those of a large fleet take less room so."""


def render_into(out: Path, evidence: Evidence, source: Path) -> tuple[Path, ...]:
    """Write every rendering into the folder `out` and return their paths.

    Raises `FolderError` where that is the evidence folder `source` or below it: its signature covers every file.
    """
    place, forbidden = out.resolve(), source.resolve()
    if place == forbidden or forbidden in place.parents:
        raise FolderError(f"--out {out} is in the evidence folder, whose files are signed as they are. Choose another.")
    written = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, render in RENDERINGS.items():
            write_whole(out / name, render(evidence))
            written.append(out / name)
    except OSError as error:
        raise FolderError(f"could not write into {out}: {error.strerror or error}.") from None
    return tuple(written)

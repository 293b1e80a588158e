"""The reader process: limits itself, reads the disk through its pipe, answers once."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from checks.facts.fact import plain
from runners.disk.process.gaps import gaps
from runners.disk.process.isolation import close_doors, isolate
from runners.disk.process.pipe import Pipe


def main(arguments: list[str]) -> None:
    """Run. `arguments`: platform, container, size of the source, bytes of memory, seconds of processor time."""
    platform, container = arguments[:2]
    size, memory, processor = map(int, arguments[2:5])
    pipe = Pipe.take_over(size)
    isolation = isolate(memory, processor)
    try:
        report = _examine(pipe, platform, container, isolation)
    except MemoryError:
        report = {"error": f"it needed more than {memory} bytes of memory: the disk is damaged or hostile"}
    except RecursionError:
        report = {"error": "its structures nest without end: the disk is damaged or hostile"}
    pipe.answer(json.dumps(report).encode())
    # No clean-up: the answer is given, and hostile objects should run nothing more. Only until the parent has seen how
    # much memory this took.
    pipe.linger()
    os._exit(0)


def _examine(pipe: Pipe, platform: str, container: str, isolation: list[str]) -> dict[str, Any]:
    try:
        from runners.disk.process import linux, volumes, windows
        from runners.disk.process.container import open_container
        from runners.disk.process.tree import Unreadable
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        return {"error": f"the Python package {missing} is not installed here: pip install -e '.[disk]'"}
    # Codecs are modules that Python loads when they are first used; after this no file can be opened.
    for codec in ("ascii", "latin-1", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp437"):
        "".encode(codec)
    isolation = isolation + close_doors()
    try:
        disk = open_container(pipe, container)
    except Unreadable as reason:
        return {"error": str(reason)}
    found = volumes.survey(disk)
    system = linux if platform == "linux" else windows
    facts, examined = system.facts(found)
    unseen = system.unseen(found)
    return {
        "coverage": {
            "size_bytes": disk.size,
            "volumes": [volume.to_json(unseen.get(volume.name, "")) for volume in found],
            "files_examined": examined,
            "isolation": sorted(isolation),
            "gaps": gaps(facts),
        },
        "facts": plain(facts),
    }


if __name__ == "__main__":
    main(sys.argv[1:])

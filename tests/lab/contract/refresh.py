"""Raise the floor of what the lab answers as Azure did: `python -m tests.lab.contract.refresh`, then read the diff."""

from __future__ import annotations

import json
import sys

from tests.lab.contract.coverage import FLOOR, cover, floor
from tests.lab.contract.shared import SHARED


def refresh() -> int:
    """Write the floor, unless it would sink or something differs for no known reason. Return the exit code."""
    folder = SHARED / "recordings" / "azure"
    if not folder.is_dir():
        print(f"the recordings are not beside this repository ({folder}): nothing to replay", file=sys.stderr)
        return 2
    before = floor() if FLOOR.is_file() else {}
    results = [cover(path.stem) for path in sorted(folder.glob("*.json"))]
    for result in results:
        print(result.report())
    wrong = [line for result in results for line in result.unexplained]
    wrong += [
        f"{result.name}: {result.covered} covered, but the floor is {before[result.name]} and may only rise"
        for result in results
        if result.covered < before.get(result.name, 0)
    ]
    if wrong:
        print("\nThe floor is as it was:", *wrong, sep="\n", file=sys.stderr)
        return 1
    counts = {result.name: result.covered for result in results}
    FLOOR.write_text(json.dumps(counts, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    print(f"\n{sum(counts.values())} of {sum(len(result.outcomes) for result in results)} exchanges covered")
    return 0


if __name__ == "__main__":
    sys.exit(refresh())

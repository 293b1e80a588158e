"""What a sealed, simulated Windows sees of itself: files of looks/, each with what is on the lab's disk of its name."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from lab.guests.answer_set import AnswerSetError

LOOKS = Path(__file__).parent / "looks"


def windows_look(name: str, launched: datetime) -> dict[str, str]:
    """Return what each script of a look prints, by its name; a success tag has the time of the launch.

    Raises `AnswerSetError` for a look that there is not, naming those that there are.
    """
    file = LOOKS / f"{name}.json"
    if not file.is_file():
        known = ", ".join(sorted(path.stem for path in LOOKS.glob("*.json")))
        raise AnswerSetError(f"there is no look {name!r} of a Windows guest; there are {known}.")
    topics = {topic: facts for topic, facts in json.loads(file.read_bytes()).items() if topic != "from"}
    tag = topics["seal"]["success_tag"]
    if "value" in tag:
        tag["value"] = launched.isoformat(timespec="seconds").replace("+00:00", "Z")
    return {f"look_{topic}": json.dumps(facts, separators=(",", ":")) for topic, facts in topics.items()}

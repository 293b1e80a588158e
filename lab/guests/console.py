"""What a launched step writes to the console of a simulated guest: a transcript, and the guest's look at itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from lab.guests.answer_frame import AnswerFrames, SentScript
from lab.guests.answer_set import AnswerSetError
from lab.guests.settings import OnLaunch
from lab.guests.windows_look import LOOKS, windows_look

TRANSCRIPTS = Path(__file__).parent / "transcripts"


def console(launch: OnLaunch, sent: SentScript) -> bytes:
    """Return what the launched script writes to the console: the transcript, with nonce and `clean` keys filled in."""
    lines: list[str] = []
    for line in _transcript(launch.transcript) if launch.transcript else ():
        if launch.look and "look" in sent.probes and line.endswith(": end"):
            lines += _look(launch.look, sent)
        lines += [line.replace("{key}", key) for key in sent.clean] if "{key}" in line else [line]
    nonce = sent.headers.get("nonce", "")
    return "".join(f"\r\n{line.replace('{nonce}', nonce)}\r\n" for line in lines).encode()


def _look(name: str, sent: SentScript) -> list[str]:
    """Return the lines in which the guest tells what it sees of itself."""
    text = _text(LOOKS, "look", name)
    asked = SentScript(sent.headers | {"page-bytes": "262144", "page-limit": "8"}, ("look",))
    frame = AnswerFrames().first_page(asked, [("look", text)]).strip()
    pieces = [frame[at : at + 160] for at in range(0, len(frame), 160)]
    return [f"sealproof[{{nonce}}]: {tool}| {piece}" for tool in ("look", "look-again") for piece in pieces]


def see_that_there_is(launch: OnLaunch, platform: str) -> None:
    """Raise `AnswerSetError` where the scenario names a transcript or a look that there is none of."""
    if launch.transcript:
        _transcript(launch.transcript)
    if launch.look and platform == "windows":
        windows_look(launch.look, datetime.now(UTC))
    elif launch.look:
        _text(LOOKS, "look", launch.look)


def _transcript(name: str) -> list[str]:
    return _text(TRANSCRIPTS, "transcript", name).splitlines()


def _text(folder: Path, what: str, name: str) -> str:
    """Return a text file without its comments."""
    file = folder / f"{name}.txt"
    if not file.is_file():
        known = ", ".join(sorted(path.stem for path in folder.glob("*.txt")))
        raise AnswerSetError(f"there is no {what} {name!r}; there are {known}.")
    lines = file.read_text(encoding="utf-8").splitlines()
    return "".join(f"{line}\n" for line in lines if not line.startswith("#"))

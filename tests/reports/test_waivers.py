"""The waivers' file: what is wrong with it is told by line, and what ends soon is loud."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from reports.__main__ import main
from reports.errors import DocumentError
from reports.waivers import ends_soon, expiring, load_waivers

TODAY = date(2026, 11, 22)
ONE = """\
  - check: LNX-LUKS-001
    target: /subscriptions/1/x
    reason: test data alone
    approver: dana
    approved_on: 2026-11-01
    expires: 2026-12-01
"""


def written(folder: Path, *waivers: str, head: str = "version: 1\nwaivers:\n") -> Path:
    path = folder / "waivers.yaml"
    path.write_text(head + "".join(waivers), encoding="utf-8")
    return path


def test_a_file_is_read_with_lines_and_digest(tmp_path: Path) -> None:
    file = load_waivers(written(tmp_path, ONE, ONE.replace("LUKS", "LVM").replace("2026-12-01", "'2026-12-01'")))

    assert [item.check for item in file.waivers] == ["LNX-LUKS-001", "LNX-LVM-001"]
    assert file.waivers[1].expires == date(2026, 12, 1)
    assert file.lines == (3, 9)
    assert len(file.digest) == 64


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (ONE.replace("approver: dana", "approver: ''"), ":6: waivers[0].approver: it is blank"),
        (ONE.replace("    approver: dana\n", ""), ":3: waivers[0].approver: it is missing. Give who answers for it"),
        (ONE.replace("reason", "reson"), ":5: waivers[0].reson: there is no such key. Did you mean reason?"),
        (ONE.replace("LNX-LUKS-001", "LNX-*"), ":3: waivers[0].check: 'LNX-*' is no single thing"),
        (ONE.replace("/subscriptions/1/x", "golden"), ":3: waivers[0]: its target is a name"),
        (ONE.replace("2026-12-01", "2027-03-01"), ":3: waivers[0]: it expires on 2027-03-01; at most 90 days"),
        (ONE.replace("2026-12-01", "2026-11-01"), ":3: waivers[0]: it expires on 2026-11-01, which is not after"),
        (ONE.replace("2026-12-01", "20261201"), ":8: waivers[0].expires: it is '20261201', and must be a day"),
        (ONE.replace("2026-12-01", "2026-12-01 10:00:00"), ":8: waivers[0].expires: it is '2026-12-01 10:00:00'"),
        (ONE.replace("2026-12-01", "never"), ":8: waivers[0].expires: it is 'never', and must be a day"),
        (
            ONE + ONE.replace("1/x", "1/X"),
            ":9: waivers[1]: waivers[0] holds for LNX-LUKS-001 on this target",
        ),
        ("  - nonsense\n", ":3: waivers[0]: it is 'nonsense', and must hold keys with values"),
    ],
)
def test_a_mistake_is_told_with_line_and_remedy(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(DocumentError) as raised:
        load_waivers(written(tmp_path, text))

    assert f"waivers.yaml{told}" in str(raised.value)


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ("version: 2\nwaivers: []\n", "waivers.yaml:1: version: it is 2, and this Sealproof reads version 1."),
        ("version: 1\n", "waivers: it is missing"),
        ("version: 1\nwaivers: 3\n", "waivers.yaml:2: waivers: it is 3, and must be a list"),
        ("- one\n", "waivers are a mapping with the keys version and waivers"),
        ("version: [\n", "not YAML"),
    ],
)
def test_so_is_a_file_of_another_form(tmp_path: Path, head: str, told: str) -> None:
    with pytest.raises(DocumentError) as raised:
        load_waivers(written(tmp_path, head=head))

    assert told in str(raised.value)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as raised:
        load_waivers(written(tmp_path, ONE.replace("dana", "''"), ONE.replace("2026-12-01", "2028-12-01")))

    assert len(str(raised.value).splitlines()) == 2


def test_a_waiver_may_follow_another(tmp_path: Path) -> None:
    renewed = ONE.replace("2026-12-01", "2027-01-01").replace("2026-11-01", "2026-12-01")
    assert len(load_waivers(written(tmp_path, ONE, renewed)).waivers) == 2


@pytest.mark.parametrize(("today", "within", "soon"), [(0, 8, False), (0, 9, True), (9, 0, True), (30, 0, True)])
def test_what_ends_soon_is_seen(tmp_path: Path, today: int, within: int, soon: bool) -> None:
    file = load_waivers(written(tmp_path, ONE))
    day = TODAY + timedelta(days=today)

    assert ends_soon(file, day, within) is soon
    assert (
        f"{'!' if soon else ' '} line 3: LNX-LUKS-001 on /subscriptions/1/x: " in expiring(file, day, within)
    ) is True


def test_what_ended_and_what_does_not_hold_yet_is_told(tmp_path: Path) -> None:
    file = load_waivers(written(tmp_path, ONE))

    assert "EXPIRED on 2026-12-01 (dana)" in expiring(file, date(2026, 12, 1), 0)
    assert "in 9 days (dana)" in expiring(file, TODAY, 0)
    assert "in 31 days, holds from 2026-11-01 (dana)" in expiring(file, date(2026, 10, 31), 0)


def test_the_command_tells_ci_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    today = datetime.now(UTC).date()
    fresh = ONE.replace("2026-11-01", str(today)).replace("2026-12-01", str(today + timedelta(days=30)))
    path = written(tmp_path, fresh)

    assert main(["waivers", str(path)]) == 0
    assert "1 waivers, SHA-256" in capsys.readouterr().out
    assert main(["waivers", str(path), "--within", "31"]) == 1
    assert main(["waivers", str(tmp_path / "none.yaml")]) == 2
    assert "can't be read" in capsys.readouterr().err

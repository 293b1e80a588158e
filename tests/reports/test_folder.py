"""The evidence folder: whole files, safe names, and a latest that always holds a record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.errors import FolderError
from reports.evidence import Evidence
from reports.folder import EvidenceFolder, file_name, point_latest, write_whole
from tests.reports.samples import failed_gate, proven


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_run_leaves_its_record_and_latest_points_at_it(tmp_path: Path) -> None:
    folder = EvidenceFolder(tmp_path / "evidence", "run-1")
    assert not (tmp_path / "evidence" / "latest").exists()
    folder.write_evidence(proven())
    folder.write_evidence(failed_gate())
    assert Evidence.from_bytes((tmp_path / "evidence/latest/evidence.json").read_bytes()) == failed_gate()
    assert files(folder.path) == ["evidence.json"]


def test_latest_follows_the_newest_run(tmp_path: Path) -> None:
    for run_id in ("run-1", "run-2"):
        EvidenceFolder(tmp_path, run_id).write_evidence(proven())
    assert (tmp_path / "latest").readlink() == Path("run-2")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["latest", "run-1", "run-2"]


def test_without_symbolic_links_latest_names_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def impossible(path: Path, target: str, target_is_directory: bool = False) -> None:
        raise OSError(1, "A required privilege is not held by the client")

    monkeypatch.setattr(Path, "symlink_to", impossible)
    EvidenceFolder(tmp_path, "run-1").write_evidence(proven())
    assert (tmp_path / "latest").read_text() == "run-1\n"


def test_a_folder_named_latest_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "latest" / "precious").mkdir(parents=True)
    with pytest.raises(FolderError, match=r"could not point .*latest"):
        point_latest(tmp_path, "run-1")
    assert [path.name for path in tmp_path.iterdir()] == ["latest"]


def test_facts_are_written_with_their_digest(tmp_path: Path) -> None:
    folder = EvidenceFolder(tmp_path, "run-1")
    digest = folder.write_facts("web01", {"guest": {"said": "\ud800 Grüße"}})
    data = (folder.path / "facts" / "web01.json").read_bytes()
    assert digest == hashlib.sha256(data).hexdigest()
    assert json.loads(data) == {"guest": {"said": "\ud800 Grüße"}}


@pytest.mark.parametrize("facts", [{"a": {1, 2}}, {"a": float("inf")}])
def test_facts_that_json_cannot_hold_are_refused_by_target(tmp_path: Path, facts: dict[str, object]) -> None:
    folder = EvidenceFolder(tmp_path, "run-1")
    with pytest.raises(FolderError, match="the facts of web01"):
        folder.write_facts("web01", facts)
    assert files(folder.path) == []


@pytest.mark.parametrize("name", ["", "/etc/passwd", "../x", "a/../../x", "a\\b", "C:x"])
def test_nothing_is_written_outside(tmp_path: Path, name: str) -> None:
    folder = EvidenceFolder(tmp_path, "run-1")
    with pytest.raises(FolderError, match="not a file name below"):
        folder.write(name, b"x")


def test_a_rendering_may_lie_in_a_folder(tmp_path: Path) -> None:
    path = EvidenceFolder(tmp_path, "run-1").write("reports/summary.md", b"# ok\n")
    assert path == tmp_path / "run-1" / "reports" / "summary.md"
    assert path.read_bytes() == b"# ok\n"


@pytest.mark.parametrize("run_id", ["", "..", ".hidden", "a/b", "a b", "latest/../x"])
def test_a_run_id_that_is_no_folder_name_is_refused(tmp_path: Path, run_id: str) -> None:
    with pytest.raises(FolderError, match="can't name a folder"):
        EvidenceFolder(tmp_path, run_id)


def test_evidence_of_another_run_is_never_overwritten(tmp_path: Path) -> None:
    EvidenceFolder(tmp_path, "run-1")
    with pytest.raises(FolderError, match="run-1 exists already"):
        EvidenceFolder(tmp_path, "run-1")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderError, match="--evidence DIR"):
        EvidenceFolder(tmp_path / "file" / "evidence", "run-1")


def test_a_lost_folder_is_named(tmp_path: Path) -> None:
    folder = EvidenceFolder(tmp_path, "run-1")
    (folder.path / "facts").rmdir()
    (folder.path / "facts").write_text("")
    with pytest.raises(FolderError, match=r"could not write .*facts.web01\.json"):
        folder.write_facts("web01", {})


def test_a_failed_write_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_whole(tmp_path / "a", b"old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(tmp_path / "a", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"old"


def test_a_failed_write_leaves_no_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = EvidenceFolder(tmp_path, "run-1")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(FolderError, match="No space"):
        folder.write_before("golden", {})
    assert not (folder.path / "before").exists()


@pytest.mark.parametrize(
    ("target", "start"),
    [
        ("web01", "web01"),
        ("Web01", "web01-"),
        ("../../etc/passwd", "etc-passwd-"),
        ("con", "target-con-"),
        ("com1.x", "target-com1.x-"),
        ("", "target-"),
        ("世界", "target-"),
        (".hidden", "hidden-"),
        ("a" * 200, "a" * 60 + "-"),
        ("web01-0123abcd", "web01-0123abcd-"),
    ],
)
def test_a_target_has_a_safe_file_name(target: str, start: str) -> None:
    assert file_name(target).startswith(start)


NAMES = st.text(max_size=12) | st.text(st.sampled_from("aA-/.0"), max_size=4) | st.from_regex(r"a-[0-9a-f]{8}")


@given(NAMES, NAMES)
def test_two_targets_never_share_a_file(one: str, other: str) -> None:
    names = [file_name(target) for target in (one, other)]
    assert (names[0].casefold() == names[1].casefold()) == (one == other)
    assert all(name == Path(name).name and not name.startswith(".") and len(name) < 100 for name in names)


def test_the_journal_lies_beside_the_facts(tmp_path: Path) -> None:
    folder = EvidenceFolder(tmp_path, "run-1")
    assert folder.journal_path("web01") == tmp_path / "run-1" / "journal" / "web01.jsonl"
    assert folder.journal_path("web01").parent.is_dir()


def test_a_file_that_breaks_off_in_the_middle_leaves_what_was_there(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half of "
        raise ValueError("it")

    path = tmp_path / "evidence.json"
    write_whole(path, (b"all ", b"of ", b"it"))
    with pytest.raises(ValueError, match="it"):
        write_whole(path, broken())

    assert path.read_bytes() == b"all of it"
    assert [item.name for item in tmp_path.iterdir()] == ["evidence.json"]

"""`verify`: whatever is done to an evidence folder after it was signed, it is refused. And openssl alone agrees."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from reports import attestation
from reports.__main__ import main
from reports.errors import EvidenceError
from reports.evidence import Evidence, canonical_json
from reports.verify import Files, Verified, read_folder, verify, verify_files
from tests.reports.folders import KEY, SIGNER, journal_of, left_by, whole
from tests.reports.refresh import REPOSITORY
from tests.reports.samples import failed_gate, proven, run, undetermined

EVERY = 1 if os.environ.get("SEALPROOF_TAMPER") == "all" else 7
"""Of how many bytes of the larger files one is changed."""


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return left_by(tmp_path_factory.mktemp("signed"), proven())


@pytest.fixture
def folder(tmp_path: Path, signed: Path) -> Path:
    return shutil.copytree(signed, tmp_path / "run")


@pytest.fixture
def public(tmp_path: Path) -> Path:
    path = tmp_path / "pub.pem"
    path.write_bytes(_pem())
    return path


def _pem() -> bytes:
    return KEY._crypto_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def refused(folder: Path) -> str:
    """Return why the folder is refused; empty where it is not."""
    try:
        verify(folder, KEY, allow_lab=True)
    except EvidenceError as error:
        return str(error)
    return ""


def resigned(folder: Path, evidence: Evidence, change: Callable[[dict[str, Any]], None] = lambda _: None) -> Path:
    """Replace the record, and sign what the folder holds then: what only the signer could do."""
    (folder / "evidence.json").write_bytes(evidence.to_bytes())
    files = read_folder(folder)
    del files[attestation.FILE_NAME]
    statement = attestation.statement(evidence, files)
    change(statement)
    (folder / attestation.FILE_NAME).write_bytes(attestation.seal(statement, SIGNER))
    return folder


def record_of(folder: Path) -> Evidence:
    return Evidence.from_bytes((folder / "evidence.json").read_bytes())


# What was left alone


def test_what_a_run_left_is_verified(folder: Path) -> None:
    verified = verify(folder, KEY, allow_lab=True)
    assert (verified.result, verified.files, verified.keyid) == ("PASSED", 8, KEY.keyid)


def test_the_link_to_the_latest_run_leads_to_it(signed: Path) -> None:
    assert verify(signed.parent / "latest", KEY, allow_lab=True).evidence.run.id == signed.name


def test_a_lab_s_run_is_verified_as_that_alone(folder: Path) -> None:
    with pytest.raises(EvidenceError, match="give --allow-lab"):
        verify(folder, KEY)


def test_a_run_on_azure_needs_no_leave(tmp_path: Path) -> None:
    assert verify(left_by(tmp_path, undetermined()), KEY).result == "FAILED"


def test_each_file_is_read_once_to_be_signed(signed: Path) -> None:
    read: list[str] = []

    class Watched(Files):
        def __getitem__(self, name: str) -> bytes:
            read.append(name)
            return super().__getitem__(name)

    files = Watched(signed)
    assert "evidence.json" in files
    assert "nothing" not in files
    assert read == []
    attestation.statement(record_of(signed), files)
    assert any(name.startswith("journal/") for name in read)
    assert read == sorted(files)


# Every kind of change


def _flips(data: bytes, step: int) -> Iterator[bytes]:
    for at in range(0, len(data), step):
        yield data[:at] + bytes([data[at] ^ (1 << at % 8)]) + data[at + 1 :]


def _damages(data: bytes, step: int) -> Iterator[bytes]:
    yield from _flips(data, step)
    yield from (data[:at] for at in range(0, len(data), step * 7))
    yield from (data[:at] + data[at + 1 :] for at in range(0, len(data), step * 5))
    yield from (data[:at] + b" " + data[at:] for at in range(0, len(data), step * 5))
    yield data + b"\n"
    yield data.replace(b"\n", b"\r\n")


def test_no_change_of_any_byte_of_any_file_passes(signed: Path) -> None:
    files, tried = read_folder(signed), 0
    for name, data in files.items():
        for damaged in _damages(data, 3 if len(data) < 2000 else EVERY):
            tried += 1
            with pytest.raises(EvidenceError):
                verify_files(signed, files | {name: damaged}, KEY, allow_lab=True)
    assert tried > 1000


def test_no_file_can_be_missing(signed: Path) -> None:
    files = read_folder(signed)
    for name in files:
        rest = {key: value for key, value in files.items() if key != name}
        with pytest.raises(EvidenceError, match=re.escape(name)):
            verify_files(signed, rest, KEY, allow_lab=True)


def test_no_two_files_can_be_exchanged(signed: Path) -> None:
    files = read_folder(signed)
    names = [name for name in files if name != attestation.FILE_NAME]
    for one, other in itertools.pairwise(names):
        exchanged = files | {one: files[other], other: files[one]}
        with pytest.raises(EvidenceError, match="was changed"):
            verify_files(signed, exchanged, KEY, allow_lab=True)


def _linked(folder: Path) -> None:
    (folder / "summary.md").rename(folder.parent / "summary.md")
    (folder / "summary.md").symlink_to(folder.parent / "summary.md")


def _linked_folder(folder: Path) -> None:
    (folder / "facts").rename(folder.parent / "facts")
    (folder / "facts").symlink_to(folder.parent / "facts")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda folder: (folder / "notes.txt").write_text("x"), "notes.txt is extra"),
        (lambda folder: (folder / ".hidden").write_text(""), ".hidden is extra"),
        (lambda folder: (folder / "facts" / "other.json").write_text("{}"), "facts/other.json is extra"),
        (lambda folder: (folder / "more").mkdir(), "more/ is an empty folder"),
        (lambda folder: (folder / "facts" / "facts").mkdir(), "facts/facts/ is an empty folder"),
        (lambda folder: (folder / "summary.md").rename(folder / "SUMMARY.md"), "SUMMARY.md is extra"),
        (lambda folder: (folder / "summary.md").rename(folder / "facts" / "summary.md"), "summary.md is missing"),
        (lambda folder: (folder / "summary.md").unlink(), "summary.md is missing"),
        (lambda folder: (folder / "evidence.json").unlink(), "holds no evidence.json"),
        (lambda folder: (folder / "attestation.json").unlink(), "the run was not signed"),
        (lambda folder: shutil.copy(folder / "evidence.json", folder / "evidence2.json"), "evidence2.json is extra"),
        (_linked, "summary.md is a link or a device"),
        (_linked_folder, "facts is a link or a device"),
        (lambda folder: os.mkfifo(folder / "pipe"), "pipe is a link or a device"),
        (lambda folder: shutil.rmtree(folder), "can't be read"),
    ],
)
def test_no_change_of_the_folder_passes(folder: Path, change: Callable[[Path], object], told: str) -> None:
    change(folder)
    assert told in refused(folder)


def test_another_run_s_attestation_is_refused(folder: Path, tmp_path: Path) -> None:
    other = left_by(tmp_path / "other", failed_gate())
    shutil.copy(other / attestation.FILE_NAME, folder / attestation.FILE_NAME)
    assert "evidence.json was changed" in refused(folder)


# What a signer may have signed, and does not fit together


def test_a_record_whose_members_stand_there_twice_is_refused(folder: Path) -> None:
    evidence = record_of(folder)
    resigned(folder, evidence)
    text = (folder / "evidence.json").read_text(encoding="utf-8")
    (folder / "evidence.json").write_text(text.replace("{\n", '{\n  "verdict": "failed",\n', 1), encoding="utf-8")
    files = read_folder(folder)
    del files[attestation.FILE_NAME]
    statement = attestation.statement(evidence, files)
    (folder / attestation.FILE_NAME).write_bytes(attestation.seal(statement, SIGNER))
    assert "the key 'verdict' is there twice" in refused(folder)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"run": run(ended=None)}, "the run never ended"),
        ({"planned": None}, "states no plan"),
        ({"planned": ("LNX-GONE-001",)}, "debian lacks a row of LNX-GONE-001 and has rows that nobody planned of AZ-"),
        ({"results": proven().results[1:]}, "debian lacks a row of"),
        ({"results": (*whole(proven()).results, proven().results[0])}, "has more than one row of AZ-LOCK-001"),
        ({"verdict": "sealed"}, "the verdict is sealed, and the worst outcome of a target is proven"),
        ({"coverage": {}}, "its disk was not read completely"),
    ],
)
def test_a_record_that_is_not_sound_is_refused(folder: Path, change: dict[str, Any], told: str) -> None:
    assert told in refused(resigned(folder, record_of(folder).model_copy(update=change)))


def with_digests(evidence: Evidence, **digests: str) -> Evidence:
    first, *others = evidence.targets
    kept = {key: value for key, value in (first.digests | digests).items() if value}
    return evidence.model_copy(update={"targets": (first.model_copy(update={"digests": kept}), *others)})


@pytest.mark.parametrize(
    ("digests", "told"),
    [
        ({"facts": "0" * 64}, "facts/debian.json is not the one that the record names"),
        ({"facts": ""}, "facts/debian.json: the record does not name it"),
        ({"journal": "0" * 64}, "journal/debian.jsonl does not end as the record says"),
        ({"journal": ""}, "journal/debian.jsonl: the record does not name it"),
    ],
)
def test_digests_that_are_not_the_files_are_refused(folder: Path, digests: dict[str, str], told: str) -> None:
    assert told in refused(resigned(folder, with_digests(record_of(folder), **digests)))


@pytest.mark.parametrize("kind", ["facts", "journal"])
def test_facts_and_journals_that_are_named_must_be_there(folder: Path, kind: str) -> None:
    next((folder / kind).glob("debian*")).unlink()
    assert "the record names it, and it is not there" in refused(resigned(folder, record_of(folder)))


def test_on_what_was_launched_must_be_what_the_journal_names(folder: Path) -> None:
    before = next((folder / "before").glob("debian*"))
    before.write_text("{}", encoding="utf-8")
    assert f"before/{before.name} is not the one that the journal names" in refused(resigned(folder, record_of(folder)))
    before.unlink()
    assert f"before/{before.name} is not there" in refused(resigned(folder, record_of(folder)))
    before.with_name("stray.json").write_text("{}", encoding="utf-8")
    assert "before/stray.json belongs to no target" in refused(resigned(folder, record_of(folder)))


def test_a_journal_whose_tail_was_cut_off_is_refused(folder: Path) -> None:
    journal = journal_of(folder, "debian")
    journal.write_bytes(journal.read_bytes().split(b"\n")[0] + b"\n")
    assert "does not end as the record says" in refused(resigned(folder, record_of(folder)))


def test_an_empty_journal_ends_with_its_run(folder: Path) -> None:
    journal_of(folder, "debian").write_bytes(b"")
    evidence = record_of(folder)
    assert "does not end as the record says" in refused(resigned(folder, evidence))
    statement_less = with_digests(evidence, journal=evidence.run.id)
    assert refused(resigned(folder, statement_less)) == ""


def test_another_run_s_journal_is_refused(folder: Path, tmp_path: Path) -> None:
    renamed = proven().model_copy(update={"run": run(id="20261122-201503-000000")})
    other = left_by(tmp_path / "other", renamed)
    shutil.copy(journal_of(other, "debian"), journal_of(folder, "debian"))
    files = read_folder(folder)
    del files[attestation.FILE_NAME]
    # A statement can't be made of such a folder, so what is signed here is the list of its files alone.
    statement = {"predicate": {"configuration": _pinned(files)}}
    (folder / attestation.FILE_NAME).write_bytes(attestation.seal(statement, SIGNER))
    assert "it belongs to another run" in refused(folder)


def _pinned(files: dict[str, bytes]) -> list[dict[str, Any]]:
    return [{"name": f"file:{name}", "digest": {"sha256": sha256(data).hexdigest()}} for name, data in files.items()]


def test_facts_and_journals_of_no_target_are_refused(folder: Path) -> None:
    (folder / "facts" / "stray.json").write_text("{}", encoding="utf-8")
    assert "facts/stray.json belongs to no target" in refused(resigned(folder, record_of(folder)))


@pytest.mark.parametrize(
    "change",
    [
        lambda statement: statement["predicate"].update(result="WARNED"),
        lambda statement: statement["predicate"]["passedTests"].pop(),
        lambda statement: statement["subject"].pop(),
        lambda statement: statement.update(predicateType="https://in-toto.io/attestation/svr/v0.2"),
        lambda statement: statement.update(extra=1),
    ],
)
def test_a_statement_that_says_other_than_the_record_is_refused(folder: Path, change: Any) -> None:
    assert "is not what the record says" in refused(resigned(folder, record_of(folder), change))


@pytest.mark.parametrize("payload", [{}, {"predicate": []}, {"predicate": {"configuration": [1]}}])
def test_something_else_that_the_key_signed_is_refused(folder: Path, payload: dict[str, Any]) -> None:
    (folder / attestation.FILE_NAME).write_bytes(attestation.seal(payload, SIGNER))
    assert "signed something else" in refused(folder)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff", "evidence.json is no record"),
        (b"\xef\xbb\xbf{}", "it begins with a byte order mark"),
        (b'{"a": NaN}', "NaN is no number"),
        (b"[" * 100_000, "nested too deep"),
        (canonical_json({"schema": "sealproof.evidence/2"}), "evidence.json is no record of this version: "),
    ],
)
def test_what_is_no_record_is_refused(folder: Path, content: bytes, told: str) -> None:
    files = read_folder(folder) | {"evidence.json": content}
    del files[attestation.FILE_NAME]
    statement = {"predicate": {"configuration": _pinned(files)}}
    sealed = attestation.seal(statement, SIGNER)
    with pytest.raises(EvidenceError, match=re.escape(told)):
        verify_files(folder, files | {attestation.FILE_NAME: sealed}, KEY, allow_lab=True)


def test_a_target_that_was_never_reached_has_neither_facts_nor_journal(tmp_path: Path) -> None:
    folder = left_by(tmp_path, undetermined())
    for kind in ("facts", "journal"):
        next((folder / kind).iterdir()).unlink()
    bare = with_digests(record_of(folder), facts="", journal="")
    verified = verify(resigned(folder, bare), KEY)
    assert isinstance(verified, Verified)


# The command


def test_the_command_says_on_one_screen_what_is_proven(
    folder: Path, public: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(folder), "--key", str(public), "--allow-lab"]) == 0
    said = capsys.readouterr().out
    assert len(said.splitlines()) <= 24
    for text in ("VERIFIED", "result: PASSED", "PROVES NOTHING ABOUT ANY VM IN AZURE", "It does not prove", "image"):
        assert text in said


def test_the_command_tells_release_gates_apart(
    folder: Path, public: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--key", str(public), "--allow-lab"]
    assert main(["verify", str(left_by(tmp_path / "failed", failed_gate())), *words]) == 1
    assert "waivers: 1 used" in capsys.readouterr().out
    (folder / "evidence.json").write_bytes(b"{}")
    assert main(["verify", str(folder), *words]) == 3
    assert "REFUSED" in capsys.readouterr().out
    assert main(["verify", str(folder), "--key", str(tmp_path / "none")]) == 2


def test_the_command_makes_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["key", "--public", str(tmp_path / "keys" / "pub.pem")]) == 0
    assert capsys.readouterr().out.startswith("-----BEGIN PRIVATE KEY-----")
    assert (tmp_path / "keys" / "pub.pem").read_text().startswith("-----BEGIN PUBLIC KEY-----")
    assert main(["key", "--public", str(tmp_path)]) == 2


# Without Sealproof


def commands() -> list[str]:
    """The commands that docs/attestation.md gives to whoever has openssl and no Sealproof."""
    page = (REPOSITORY / "docs" / "attestation.md").read_text(encoding="utf-8")
    return re.findall(r"```sh\n(.*?)```", page, re.DOTALL)


def by_hand(folder: Path) -> subprocess.CompletedProcess[str]:
    script = "set -e\n" + "\n".join(commands())
    return subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.usefixtures("public")
def test_openssl_alone_verifies_the_signature_and_sha256sum_the_files(folder: Path) -> None:
    done = by_hand(folder)
    assert done.returncode == 0, done.stderr
    assert "Verified OK" in done.stdout
    assert done.stdout.count(": OK") == 8


@pytest.mark.usefixtures("public")
@pytest.mark.parametrize("name", ["attestation.json", "facts/debian.json"])
def test_and_so_does_it_see_a_change(folder: Path, name: str) -> None:
    path = folder / name
    body = json.loads(path.read_bytes())
    if name == "attestation.json":
        body["payload"] = "e30="
    path.write_text(json.dumps(body), encoding="utf-8")
    assert by_hand(folder).returncode != 0

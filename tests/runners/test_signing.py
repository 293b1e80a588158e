"""A run that signs its evidence, by its options."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports.errors import EvidenceError
from reports.keys import load_public_key, new_key_pair
from reports.verify import verify
from tests.runners.runs import scenario, sealproof

VM = (
    "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v"
)


@pytest.fixture
def private(tmp_path: Path) -> str:
    private, public = new_key_pair()
    (tmp_path / "key.pem").write_bytes(private)
    (tmp_path / "pub.pem").write_bytes(public)
    return private.decode()


def test_a_run_leaves_a_folder_that_is_verified_and_holds_no_key(
    tmp_path: Path, private: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEALPROOF_TEST_KEY", private)
    lab = scenario(tmp_path, "debian01")

    run = sealproof(tmp_path, f"--lab={lab}", "--allow-lab", "--sign-key=env:SEALPROOF_TEST_KEY", "-q", "-k", "STATE")

    key = load_public_key(tmp_path / "pub.pem")
    verified = verify(run.folder, key, allow_lab=True)
    assert (run.code, verified.evidence.verdict, verified.result) == (0, "proven", "WARNED")
    assert verified.evidence.targets[0].identity is not None
    secrets = [line for line in private.splitlines() if not line.startswith("-")]
    written = [file.read_text(encoding="utf-8") for file in run.folder.rglob("*") if file.is_file()]
    assert [line for line in secrets for text in (run.text, *written) if line in text] == []
    with pytest.raises(EvidenceError, match="--allow-lab"):
        verify(run.folder, key)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("--lab --sign-key=key.pem", "--allow-lab makes one that says lab"),
        (f"--target={VM} --sign-key=none.pem", "none.pem: the key can't be read"),
        (f"--target={VM} --sign-key=pub.pem", "pub.pem: it is no private key in PEM form"),
        (f"--target={VM} --sign-key=env:SEALPROOF_NO_SUCH_KEY", "SEALPROOF_NO_SUCH_KEY is not set"),
    ],
)
@pytest.mark.usefixtures("private")
def test_what_can_not_be_signed_starts_nothing(tmp_path: Path, options: str, told: str) -> None:
    run = sealproof(tmp_path, *options.split())

    assert (run.code, run.started_nothing) == (4, True)
    assert told in " ".join(run.text.split())


def test_a_key_on_the_command_line_is_not_repeated(tmp_path: Path, private: str) -> None:
    run = sealproof(tmp_path, f"--target={VM}", f"--sign-key={private}")

    assert (run.code, run.started_nothing) == (4, True)
    assert private.splitlines()[1] not in run.text

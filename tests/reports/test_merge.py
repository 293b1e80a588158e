"""Shards that belong together become one run, which is verified as any other; all others are refused."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from reports.__main__ import main
from reports.errors import EvidenceError
from reports.evidence import Evidence, PlainTestRecord, Selected, Waiver
from reports.merge import NOT_SELECTED
from reports.merging import merge_folders
from reports.selection import digest, incomplete
from reports.verify import inconsistencies, parse, read_folder, verify
from tests.reports.folders import KEY, SIGNER, left_by, whole
from tests.reports.samples import failed_gate, proven, run, target, windows_rows


def shard(number: int, *names: str, **changes: Any) -> Evidence:
    """The evidence of a run with the demo's targets, of which those of `names` were selected."""
    everything = whole(proven())
    targets = tuple(
        item
        if item.name in names
        else item.model_copy(update={"outcome": "not acted", "note": NOT_SELECTED, "receipt": None, "proof": ()})
        for item in everything.targets
    )
    outcome = "proven" if len(names) == len(targets) else "not acted"
    update = {"run": run(id=f"run-{number}"), "targets": targets, "verdict": outcome}
    return everything.model_copy(update=update | changes)


def merged(root: Path, *shards: Evidence, signed: bool = True) -> Path:
    signer = SIGNER if signed else None
    folders = [left_by(root / str(number), item, signer=signer) for number, item in enumerate(shards)]
    return merge_folders(folders, root / "out", KEY if signed else None, signer, allow_lab=True)


def test_each_target_is_taken_from_the_run_that_was_to_act_on_it(tmp_path: Path) -> None:
    folder = merged(tmp_path, shard(1, "debian"), shard(2, "server"))

    verified = verify(folder, KEY, allow_lab=True)
    evidence = verified.evidence
    assert [(item.name, item.run, item.outcome) for item in evidence.targets] == [
        *(("debian", "run-1", "proven"), ("server", "run-2", "proven"))
    ]
    assert (evidence.verdict, verified.result) == ("proven", "PASSED")
    assert [(item.run.id, item.signed_by) for item in evidence.merged] == [("run-1", KEY.keyid), ("run-2", KEY.keyid)]
    assert len(evidence.results) == len(whole(proven()).results)
    assert evidence.checks == whole(proven()).checks


def test_what_was_launched_on_is_kept_so_that_another_run_can_go_on(tmp_path: Path) -> None:
    folder = merged(tmp_path, shard(1, "debian"), shard(2, "server"))

    files = read_folder(folder)
    assert files["before/debian.json"] == read_folder(tmp_path / "0" / "run-1")["before/debian.json"]
    assert {"before/debian.json", "before/server.json"} <= set(files)


def test_disjoint_targets_of_no_fleet_file_are_joined_and_the_worst_is_the_verdict(tmp_path: Path) -> None:
    base = whole(failed_gate())
    one, two = (
        base.model_copy(
            update={
                "run": run(id=f"run-{item.name}"),
                "targets": (item,),
                "results": tuple(row for row in base.results if row.target == item.name),
                "verdict": item.outcome,
            }
        )
        for item in base.targets
    )
    folder = merged(tmp_path, one, two, signed=False)

    evidence = parse(read_folder(folder)["evidence.json"])
    assert evidence.verdict == "failed"
    assert (folder / "merged" / "run-debian" / "evidence.json").is_file()
    assert {"report.html", "summary.md"} <= set(read_folder(folder))


def test_plain_tests_and_waivers_are_told_once(tmp_path: Path) -> None:
    waiver = failed_gate().waivers[0]
    tests = (
        PlainTestRecord(test="a", target=None, outcome="passed"),
        PlainTestRecord(test="b", target="debian", outcome="passed"),
    )

    def told(state: str) -> dict[str, Any]:
        return {"tests": tests, "waivers": (Waiver.model_validate(waiver.model_dump() | {"state": state}),)}

    for states in (("used", "unused"), ("unknown target", "used")):
        folder = merged(
            tmp_path / states[0], shard(1, "debian", **told(states[0])), shard(2, "server", **told(states[1]))
        )
        evidence = parse(read_folder(folder)["evidence.json"])
        assert [(item.test, item.target) for item in evidence.tests] == [("a", None), ("b", "debian")]
        assert [item.state for item in evidence.waivers] == ["used"]


LESS = tuple(row for row in whole(proven()).results if row.check != "LNX-ADE-001")
AGAIN = {"targets": (target("again", "windows", id=target("debian").id),), "results": windows_rows("again")}


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (shard(1, "server"), "a run is given twice"),
        (shard(2, "server", results=LESS), "they differ in the checks that were planned"),
        (shard(2, "server", run=run(id="run-2", mode="observe")), "they differ in their mode"),
        (shard(2, "server", run=run(id="run-2", endpoint="https://x")), "they differ in the endpoint"),
        (shard(2, "server", run=run(id="run-2", digests={"catalogue": "0" * 64})), "what they were told"),
        (shard(2, "server", run=run(id="run-2", tenant="x")), "they differ in the tenant"),
        (shard(2, "server", run=run(id="run-2", versions={"sealproof": "9"})), "they differ in Sealproof's version"),
        (shard(2, "debian", "server"), "these are the same: debian of run-1 and debian of run-2"),
        (shard(2, "again", **AGAIN), "these are the same: debian of run-1 and again of run-2"),
        (shard(2, "server", verdict="sealed"), "run-2: the verdict is sealed"),
        (shard(2, "server", run=run(id="run-2", ended=None)), "run-2: the run never ended"),
    ],
)
def test_what_does_not_belong_together_is_refused(tmp_path: Path, other: Evidence, told: str) -> None:
    with pytest.raises(EvidenceError) as raised:
        merged(tmp_path, shard(1, "debian"), other, signed=False)
    assert told in str(raised.value)
    assert not (tmp_path / "out").exists()


def found(*ids: str, query: str = "tag:release=2026-11", count: int | None = None) -> tuple[Selected, ...]:
    at = run().started
    said = count if count is not None else len(ids)
    return (Selected(query=query, subscription="s", ids=ids, count=said, at=at),)


def selecting(number: int, name: str, selected: tuple[Selected, ...], **changes: Any) -> Evidence:
    """A share of a fleet that was selected: the record of this target alone."""
    evidence = shard(number, name)
    digests = run().digests | {"selection": digest(selected)}
    update = {"shard": f"{number}/2", "selected": selected, "digests": digests} | changes
    return shard(
        number,
        name,
        run=run(id=f"run-{number}", **update),
        targets=tuple(item for item in evidence.targets if item.name == name),
        results=tuple(row for row in evidence.results if row.target == name),
        coverage={key: value for key, value in evidence.coverage.items() if key == name},
        verdict="proven",
    )


IDS = (target("debian").id, target("server").id)


def test_shares_of_what_one_query_found_are_joined(tmp_path: Path) -> None:
    later = tuple(item.model_copy(update={"at": item.at + timedelta(minutes=1)}) for item in found(*IDS))

    folder = merged(tmp_path, selecting(1, "debian", found(*IDS)), selecting(2, "server", later), signed=False)

    evidence = parse((folder / "evidence.json").read_bytes())
    assert evidence.run.selected == found(*IDS)
    assert list(inconsistencies(evidence, read_folder(folder))) == []


@pytest.mark.parametrize(
    ("selected", "changes", "told"),
    [
        (
            found(*IDS[:1]),
            {},
            "in what was selected, so they are no shards of one run: tag:release=2026-11: 1 VM",
        ),
        (found(*IDS, query="tag:x"), {}, "they differ in what was selected"),
        (
            (),
            {"digests": run().digests},
            "in what was selected, so they are no shards of one run: nothing |",
        ),
        (found(*IDS), {"digests": run().digests}, "run-2: run.selected is not what run.digests.selection was taken of"),
        (found(*IDS, count=3), {}, "run-2: select tag:release=2026-11 counts 3 VM(s) and names 2"),
    ],
)
def test_shares_of_what_was_found_at_other_times_are_refused(
    tmp_path: Path, selected: tuple[Selected, ...], changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(EvidenceError) as raised:
        merged(tmp_path, selecting(1, "debian", found(*IDS)), selecting(2, "server", selected, **changes), signed=False)

    assert told in str(raised.value)


def test_a_record_that_lacks_what_was_selected_is_not_whole(tmp_path: Path) -> None:
    evidence = selecting(1, "debian", found(*IDS), shard="")

    assert list(incomplete(evidence)) == [f"{IDS[1]} was selected, and the record has no such target"]


def test_one_run_is_nothing_to_merge_and_a_merged_one_is_not_merged_again(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="nothing to merge"):
        merged(tmp_path / "one", shard(1, "debian"))
    twice = merged(tmp_path / "two", shard(1, "debian"), shard(2, "server"), signed=False)
    other = left_by(tmp_path / "three", shard(3), signer=None)
    with pytest.raises(EvidenceError, match="was merged already"):
        merge_folders([twice, other], tmp_path / "out", None, None, allow_lab=True)


def test_signatures_are_verified_and_not_mixed(tmp_path: Path) -> None:
    one = left_by(tmp_path / "1", shard(1, "debian"))
    two = left_by(tmp_path / "2", shard(2, "server"))
    bare = left_by(tmp_path / "3", shard(2, "server"), signer=None)
    out = tmp_path / "out"
    with pytest.raises(EvidenceError, match="give the public key"):
        merge_folders([one, two], out, None, None, allow_lab=True)
    with pytest.raises(EvidenceError, match="--allow-lab"):
        merge_folders([one, two], out, KEY, None, allow_lab=False)
    with pytest.raises(EvidenceError, match="others are not"):
        merge_folders([one, bare], out, KEY, None, allow_lab=True)
    (two / "summary.md").write_text("all is well")
    with pytest.raises(EvidenceError, match=r"summary\.md was changed"):
        merge_folders([one, two], out, KEY, None, allow_lab=True)
    bare_too = left_by(tmp_path / "4", shard(1, "debian"), signer=None)
    with pytest.raises(EvidenceError, match="--allow-lab signs them"):
        merge_folders([bare_too, bare], out, None, SIGNER, allow_lab=False)
    assert not out.exists()


def test_a_merged_record_is_tied_to_its_runs(tmp_path: Path) -> None:
    folder = merged(tmp_path, shard(1, "debian"), shard(2, "server"), signed=False)
    files = read_folder(folder)
    evidence = parse(files["evidence.json"])
    assert list(inconsistencies(evidence, files)) == []
    changed = files | {"merged/run-1/evidence.json": b"{}"}
    assert list(inconsistencies(evidence, changed)) == ["merged/run-1/evidence.json is not the record that was merged"]
    stray = (evidence.targets[0].model_copy(update={"run": "run-9"}), *evidence.targets[1:])
    said = list(inconsistencies(evidence.model_copy(update={"targets": stray}), files))
    assert any("debian is said to be from run run-9" in text for text in said)


def test_the_command_merges(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shards = (shard(1, "debian"), shard(2, "server"))
    folders = [str(left_by(tmp_path / item.run.id, item)) for item in shards]
    public = tmp_path / "pub.pem"
    public.write_bytes(KEY._crypto_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    words = ["merge", *folders, "--out", str(tmp_path / "out"), "--allow-lab"]
    assert main(words) == 3
    assert "is signed: give the public key" in capsys.readouterr().out
    assert main([*words, "--key", str(public)]) == 0
    folder = Path(capsys.readouterr().out.strip())
    assert json.loads((folder / "evidence.json").read_bytes())["verdict"] == "proven"


def shares(*numbers: str) -> list[Evidence]:
    return [
        shard(count, name).model_copy(update={"run": run(id=f"run-{count}", shard=number)})
        for count, (name, number) in enumerate(zip(("debian", "server"), numbers, strict=True))
    ]


def test_all_shares_of_a_fleet_are_a_run_of_all_of_it(tmp_path: Path) -> None:
    folder = merged(tmp_path, *shares("1/2", "2/2"))

    assert parse((folder / "evidence.json").read_bytes()).run.shard == ""


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        (("1/3", "2/3"), "shares of the fleet are missing: 3/3"),
        (("2/4", "2/4"), "shares of the fleet are missing: 1/4, 3/4, 4/4"),
        (("1/2", "2/3"), "they are no shares of one fleet: 1/2, 2/3"),
        (("", "2/2"), "they are no shares of one fleet: 2/2, all of it"),
    ],
)
def test_a_fleet_that_lacks_a_share_is_no_fleet(tmp_path: Path, numbers: tuple[str, str], said: str) -> None:
    with pytest.raises(EvidenceError, match=said):
        merged(tmp_path, *shares(*numbers))


def test_the_command_ends_as_one_run_would(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = shard(2, "server").model_copy(update={"verdict": "failed"})
    failed = tuple(item.model_copy(update={"outcome": "failed"}) for item in bad.targets if item.name == "server")
    bad = bad.model_copy(update={"targets": (bad.targets[0], *failed)})
    folders = [str(left_by(tmp_path / item.run.id, item, signer=None)) for item in (shard(1, "debian"), bad)]
    assert main(["merge", *folders, "--out", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().out

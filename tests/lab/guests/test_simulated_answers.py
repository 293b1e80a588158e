"""The hand-built answers: they say why they look as they do, and were written for the probes as they are."""

from __future__ import annotations

import hashlib
import json

import pytest

from lab.guests.answer_set import HOME, AnswerSet, AnswerSetError, load_answers
from runners.guest.script import PROBES, RawAnswers, load_probes
from runners.observe.guest import parse

SETS = sorted(path.parent.name for path in HOME.glob("*/about.yaml"))
PATCHES = [(path.parent.parent.name, path.stem) for path in sorted(HOME.glob("*/patches/*.yaml"))]


def facts(answers: AnswerSet) -> dict[str, dict[str, object]]:
    raw = RawAnswers({name: text.encode() for name, text in answers.raw.items()}, frozenset(), {}, 1)
    guest = parse(answers.platform, raw)
    return {name: fact.to_json() for name, fact in guest.facts().items()}


@pytest.mark.parametrize("name", SETS)
def test_the_answers_were_written_for_the_probes_as_they_are(name: str) -> None:
    platform = load_answers(name).platform
    record = HOME / name / "probes.sha256"
    recorded = {file: digest for digest, file in map(str.split, record.read_text().splitlines())}
    files = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in (PROBES / platform).glob("*.*")}
    changed = sorted(key for key in files.keys() | recorded.keys() if files.get(key) != recorded.get(key))
    assert not changed, (
        f"{', '.join(changed)}: the probe is not the one that lab/guests/answers/{name} was written for. "
        "Compare what it prints now with the answer, correct the answer, then run: "
        f"(cd runners/probes/{platform} && sha256sum *) > lab/guests/answers/{name}/probes.sha256"
    )


@pytest.mark.parametrize("name", SETS)
def test_each_probe_has_an_answer_and_each_answer_a_probe(name: str) -> None:
    answers = load_answers(name)
    assert sorted(answers.raw) == [probe.name for probe in load_probes(answers.platform)]


@pytest.mark.parametrize("name", SETS)
def test_a_healthy_guest_is_known_completely(name: str) -> None:
    assert [fact for fact, value in facts(load_answers(name)).items() if "unknown" in value] == []


@pytest.mark.parametrize("name", SETS)
def test_the_answers_say_why_they_look_as_they_do(name: str) -> None:
    assert "constructed: " in (HOME / name / "about.yaml").read_text()


@pytest.mark.parametrize(("name", "patch"), PATCHES)
def test_a_patch_changes_what_is_seen(name: str, patch: str) -> None:
    assert facts(load_answers(name, [patch])) != facts(load_answers(name))


def test_named_patches_show_what_they_are_named_for() -> None:
    seen = {(name, patch): facts(load_answers(name, [patch])) for name, patch in PATCHES}
    linux, windows = "debian-healthy", "windows-healthy"
    assert seen[linux, "agent-absent"]["agent"] == {"absent": True}
    assert "NameError" in json.dumps(seen[linux, "agent-traceback"]["agent"])
    assert seen[linux, "ovf-env-absent"]["ovf_account"] == {"absent": True}
    assert "packer" in json.dumps(seen[linux, "ovf-env-other-account"]["ovf_account"])
    assert seen[linux, "luks"]["encrypted_volumes"] == {"value": ["data (type crypt)", "sdc1 (LUKS signature)"]}
    assert "rootvg-varlv" in json.dumps(seen[linux, "lvm"]["system_mounts"])
    assert "AD-Domain-Services" in json.dumps(seen[windows, "domain-controller"]["installed_roles"])
    assert '"conversion_status": 1' in json.dumps(seen[windows, "bitlocker"]["volumes"])
    assert "Stopped" in json.dumps(seen[windows, "agent-stopped"]["agent_services"])


def test_a_patch_of_lines_replaces_a_key_and_keeps_the_others() -> None:
    answers = load_answers("debian-healthy").patched({"identity": {"machine_id": "=empty"}})
    uuid = "system_uuid=0d1f7a3e-5b7c-4f1e-8a51-6d0f2b9c4e10"
    assert answers.raw["identity"] == f"dbus_machine_id=link\n{uuid}\nmachine_id=empty\n"


@pytest.mark.parametrize(
    ("name", "patches", "message"),
    [("nothing", [], "there are debian-healthy"), ("debian-healthy", ["nothing"], "there are agent-absent")],
)
def test_an_unknown_name_is_answered_with_the_known_ones(name: str, patches: list[str], message: str) -> None:
    with pytest.raises(AnswerSetError, match=message):
        load_answers(name, patches)


@pytest.mark.parametrize(
    ("name", "patch", "message"),
    [
        ("debian-healthy", {"nothing": {}}, "no probe 'nothing'"),
        ("debian-healthy", {"identity": {"machine_id": "empty"}}, "begins with one of"),
        ("windows-healthy", {"state": {"build": "1"}}, "build is {value: ..}"),
    ],
)
def test_a_patch_that_no_probe_could_print_is_refused(
    name: str, patch: dict[str, dict[str, object]], message: str
) -> None:
    with pytest.raises(AnswerSetError, match=message):
        load_answers(name).patched(patch)

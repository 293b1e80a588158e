"""A team's own probes: which are sent, what is refused before anything is, and what checks and evidence get of them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from runners.errors import UsageError
from runners.own_probes import SIZE_LIMIT, own_probes
from tests.runners.runs import Run, scenario, sealproof

RULES = """
from checks.catalogue import check, problem


@check("TEAM-KERNEL-001", "the kernel logs to the serial console", phase="pre", platform="linux", severity="warning",
       why="w", fix="f", source="s", grade="X")
def check_console_serial(guest):
    seen = guest.own("kernel_args").value
    return [] if "console=ttyS0" in seen else [problem(observed=seen, expected="console=ttyS0", where="/proc/cmdline")]


@check("TEAM-KERNEL-002", "the kernel has no debug argument", phase="pre", platform="linux", severity="warning",
       why="w", fix="f", source="s", grade="X")
def check_debug_absent(guest):
    return [] if guest.own("kernel_arg").absent else [problem(observed="1", expected="0", where="/proc/cmdline")]


@check("TEAM-ZONE-001", "the time zone is UTC", phase="pre", platform="windows", severity="warning",
       why="w", fix="f", source="s", grade="X")
def check_zone_agreed(guest):
    zone = guest.own_json("zone").value["Id"]
    return [] if zone == "UTC" else [problem(observed=zone, expected="UTC", where="Get-TimeZone")]
"""
SH = "# the command line of the kernel\ncat /proc/cmdline\n"
SECRET = "BOOT_IMAGE=/vmlinuz token=CANARY console=ttyS0"


def team(folder: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8", newline="")
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("team")
    team(
        folder / "rules",
        {
            "kernel.py": RULES,
            "below/kernel_args.sh": SH,
            "below/kernel_args.lab.txt": f"{SECRET}\n",
            "zone.ps1": "Get-TimeZone | Select-Object Id\r\n",
            "zone.lab.txt": '{"Id":"W. Europe Standard Time"}',
            "deploy.sh": "rm -rf /\n",
        },
    )
    path = scenario(folder, "debian01", "luks01", "win01")
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    data["machines"][1]["guest"]["simulated"]["raw"] = {"kernel_args": "quiet"}
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return sealproof(folder, f"--lab={path}", "--checks=rules", "--observe", "-q")


def facts(run: Run, target: str) -> dict[str, Any]:
    guest: dict[str, Any] = json.loads((run.folder / "facts" / f"{target}.json").read_text())["before"]["guest"]
    return guest


def test_a_check_judges_by_what_its_probe_prints(run: Run) -> None:
    rows = run.rows("debian01", "pre")
    assert rows["TEAM-KERNEL-001"].outcome == "passed", run.text
    assert run.rows("win01", "pre")["TEAM-ZONE-001"].problems[0].observed == "W. Europe Standard Time"


def test_the_scenario_has_the_last_word_on_a_machine(run: Run) -> None:
    row = run.rows("luks01", "pre")["TEAM-KERNEL-001"]
    assert (row.outcome, row.problems[0].observed) == ("warned", "quiet")


def test_a_probe_that_does_not_exist_leaves_its_check_undetermined(run: Run) -> None:
    row = run.rows("debian01", "pre")["TEAM-KERNEL-002"]
    assert row.outcome == "undetermined"
    assert "no own probe kernel_arg was sent to this guest; did you mean kernel_args?" in row.reason


def test_evidence_keeps_size_and_digest_of_an_answer_and_not_its_text(run: Run) -> None:
    kept = facts(run, "debian01")["own_answers"]
    assert kept == {"kernel_args": {"size": len(SECRET), "sha256": hashlib.sha256(SECRET.encode()).hexdigest()}}
    assert not [file for file in run.folder.rglob("*") if file.is_file() and b"CANARY" in file.read_bytes()]


def test_evidence_names_every_probe_that_was_sent_by_its_digest(run: Run) -> None:
    sent = facts(run, "debian01")["probes"]
    assert sent["kernel_args"] == hashlib.sha256(SH.encode()).hexdigest()
    assert {"system", "accounts"} < set(sent)
    assert "zone" not in sent
    assert "zone" in facts(run, "win01")["probes"]


def test_a_script_that_no_check_names_is_not_sent(run: Run) -> None:
    assert "deploy" not in facts(run, "debian01")["probes"]


def test_own_probes_are_in_the_one_script_that_is_sent_anyway(run: Run) -> None:
    assert [run.writes(name) for name in ("debian01", "win01")] == [{"virtualMachines/runCommand": 1}] * 2


# What is refused before anything is started


ASKS = 'def helper(guest):\n    return guest.own("mine")\n'


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"mine.sh": "if true\n"}, r"mine\.sh: sh can't read this probe: .*[Ss]yntax error"),
        ({"mine.sh": "true\n)\n(\n"}, r"mine\.sh: sh can't read this probe"),
        ({"mine.sh": "cat <<END\nnever ended\n"}, r"mine\.sh: sh can't read this probe"),
        ({"mine.sh": "#!/bin/bash\nshopt\n"}, r"mine\.sh:1: #!/bin/bash is not what runs it: .*POSIX sh"),
        ({"mine.ps1": "if ($x) {\n  Exit 1\n}\n"}, r"mine\.ps1: `exit` would end the script"),
        ({"mine.sh": "true\n", "below/mine.sh": "true\n"}, r"already a probe named mine"),
        (
            {"mine.sh": "# " + "x" * SIZE_LIMIT},
            rf"for linux have \d+ bytes together, and at most {SIZE_LIMIT}",
        ),
    ],
)
def test_a_probe_that_can_not_be_sent_is_refused(tmp_path: Path, files: dict[str, str], told: str) -> None:
    team(tmp_path, {"_helper.py": ASKS, **files})
    with pytest.raises(UsageError, match=told):
        own_probes([tmp_path])


@pytest.mark.parametrize("text", ["#!/bin/sh\n#\ntrue", "#!/usr/bin/env sh\r\ntrue\r\n", "case a in a) true ;; esac #"])
def test_any_probe_for_sh_is_taken(tmp_path: Path, text: str) -> None:
    team(tmp_path, {"_helper.py": ASKS, "mine.sh": text, "mine.ps1": "$exit = 1\n# exit\nreturn 'x'\n"})
    assert [probe.file.name for probe in own_probes([tmp_path, tmp_path])] == ["mine.ps1", "mine.sh"]


def test_a_name_of_ours_is_taken(tmp_path: Path) -> None:
    team(tmp_path, {"rule.py": "guest = None\nguest.own('system')", "system.sh": "true\n"})
    with pytest.raises(UsageError, match="already a probe named system"):
        own_probes([tmp_path])


def test_what_the_lab_can_not_answer_is_said_before_it_starts(tmp_path: Path) -> None:
    team(tmp_path / "rules", {"kernel.py": RULES, "kernel_args.sh": SH})
    run = sealproof(tmp_path, "--lab=demo", "--checks=rules")
    assert (run.code, run.started_nothing) == (4, True)
    assert "kernel_args.sh: the simulated guests of " in run.text
    assert f"(debian01) run no probe. Write what it prints on them into {tmp_path}/rules/kernel_args.lab" in run.text

"""A team's rules on the real machine: its probe is really run, and testinfra asks through Run Command."""

import json
from pathlib import Path

import pytest

from tests.runners.runs import sealproof
from tests.test_writing_checks import team

pytestmark = pytest.mark.real

PLAIN = """
def test_root_asks(host):
    result = host.run("id -un; echo trouble >&2; exit 3")
    assert (result.rc, result.stdout, result.stderr) == (3, "root\\n", "trouble\\n")


def test_modules_answer(host):
    assert host.file("/etc/shadow").mode == 0o640
    assert host.package("waagent").is_installed
"""


def test_own_probe_and_plain_tests_reach_the_real_guest(tmp_path: Path) -> None:
    folder = team(tmp_path)
    (folder / "rules" / "test_host.py").write_text(PLAIN)
    run = sealproof(folder, "--lab=real", "--observe", "--checks=rules")
    assert run.code == 0, run.text
    assert {test.outcome for test in run.evidence.tests} == {"passed"}
    assert len(run.evidence.tests) == 3
    assert run.rows("debian-real01", "pre")["ACME-KERNEL-001"].outcome == "passed"
    facts = json.loads((run.folder / "facts" / "debian-real01.json").read_text())
    assert facts["before"]["guest"]["own_answers"]["kernel_args"]["size"] > 10

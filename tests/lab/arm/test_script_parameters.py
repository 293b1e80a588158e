"""Parameters of scripts, run by a real shell."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lab.arm.errors import ArmError
from lab.arm.script_parameters import Parameter, parameters_of, with_arguments, with_variables

TRICKY = 'it\'s $HOME; `id` "and"\nmore'


def shell(tmp_path: Path, script: str) -> str:
    file = tmp_path / "script.sh"
    file.write_text(script)
    return subprocess.run(["/bin/sh", str(file)], capture_output=True, text=True, check=True).stdout


def test_the_action_passes_every_value_in_order_whatever_its_name_as_recorded(tmp_path: Path) -> None:
    parameters = [Parameter("arg1", "hello"), Parameter("arg2", "world")]
    assert shell(tmp_path, with_arguments("linux", "echo $1-$2-$#-$arg1", parameters)) == "hello-world-2-hello\n"


def test_managed_run_command_passes_named_values_as_variables_and_the_rest_as_arguments(tmp_path: Path) -> None:
    parameters = [Parameter("share", TRICKY), Parameter("", TRICKY), Parameter("none", "")]
    script = 'printf "%s|" "$#" "$1" "$share" "${none-unset}"; env | grep -c ^share='
    assert shell(tmp_path, with_variables("linux", script, parameters)) == f"1|{TRICKY}|{TRICKY}|unset|1\n"


def test_a_script_without_parameters_is_sent_as_it_is() -> None:
    for platform in ("linux", "windows"):
        assert with_variables(platform, "#!/bin/sh\nid", []) == with_arguments(platform, "#!/bin/sh\nid", [])
        assert with_variables(platform, "#!/bin/sh\nid", []) == "#!/bin/sh\nid"


def test_the_comments_at_the_top_stay_there() -> None:
    sent = with_arguments("linux", "#!/bin/sh\n# step: prepare\nid", [Parameter("", "a")])
    assert sent.splitlines() == ["#!/bin/sh", "# step: prepare", "set -- a", "id"]


def test_powershell_gets_named_parameters_of_the_script() -> None:
    sent = with_arguments("windows", "param([string]$one)\n$one", [Parameter("one", "it's"), Parameter("", "two")])
    assert sent == "& {\nparam([string]$one)\n$one\n} -one 'it''s' 'two'"


@pytest.mark.parametrize(
    "content",
    [{"parameters": "a"}, {"parameters": ["a"]}, {"parameters": [{"name": "a", "value": 1}]}],
)
def test_anything_but_names_and_values_is_refused(content: object) -> None:
    with pytest.raises(ArmError, match="parameters is a list of names and values"):
        parameters_of(content, "parameters")


def test_a_name_that_would_be_code_is_refused() -> None:
    with pytest.raises(ArmError, match="a shell can't take it"):
        parameters_of({"parameters": [{"name": "a;reboot", "value": "b"}]}, "parameters")

"""Accounts of people on a stopped Linux disk, read from trees in memory and from the lab's images."""

from __future__ import annotations

import pytest

from runners.disk.process.linux_people import human_accounts
from runners.disk.process.tree import Unreadable
from tests.runners.disk.test_linux import seen
from tests.runners.disk.test_linux_residue import tree

PASSWD = "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/:/usr/sbin/nologin\nnobody:x:65534:65534::/:/bin/false\n"
USER = "azureuser:x:1000:1000::/home/azureuser:/bin/bash\n"


def found(passwd: str, **files: str) -> tuple[str, ...]:
    return human_accounts(tree({"etc/passwd": passwd, **{f"etc/{name}": text for name, text in files.items()}}))


def test_services_and_root_are_nobody_s() -> None:
    assert found(PASSWD) == ()


@pytest.mark.parametrize(
    "line",
    [USER, "azureuser:x:1000:1000::/:/usr/sbin/nologin\n", "azureuser:x:0:0::/:/bin/sh\n", "azureuser:x:60000:1:::\n"],
)
def test_whoever_has_a_uid_of_people_or_root_s_is_one_whatever_his_shell(line: str) -> None:
    assert found(PASSWD + line) == ("azureuser",)


def test_the_limits_of_login_defs_widen_the_range_and_never_narrow_it() -> None:
    old = "azureuser:x:500:500::/home/azureuser:/bin/bash\n"
    assert found(PASSWD + old) == ()
    assert found(PASSWD + old, **{"login.defs": "# UID_MIN 1\nUID_MIN\t\t500\nUID_MAX 60000\n"}) == ("azureuser",)
    assert found(PASSWD + USER, **{"login.defs": "UID_MIN 5000\n"}) == ("azureuser",)


@pytest.mark.parametrize(
    ("passwd", "told"),
    [
        (PASSWD + "azureuser:x:1000\n", "line 4"),
        (PASSWD + "azureuser:x:one:1::/:/bin/sh\n", "line 4"),
        ("", "no root"),
        (USER, "no root"),
    ],
)
def test_a_damaged_file_says_nothing_of_anybody(passwd: str, told: str) -> None:
    with pytest.raises(Unreadable, match=told):
        found(passwd)


def test_damaged_limits_and_a_missing_file_are_unreadable() -> None:
    with pytest.raises(Unreadable, match="UID_MIN"):
        found(PASSWD, **{"login.defs": "UID_MIN many\n"})
    with pytest.raises(Unreadable, match="no /etc/passwd"):
        human_accounts(tree({"etc/hostname": "x"}))


def test_the_lab_s_disks_have_one_before_the_step_and_none_after() -> None:
    assert seen("linux-configured").human_accounts.value == ("azureuser",)
    assert seen("linux-sealed").human_accounts.value == ()
    assert seen("linux-lvm-sealed").human_accounts.value == ()

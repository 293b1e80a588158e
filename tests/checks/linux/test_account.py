from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Fact, LinuxDisk, Observation, OvfAccount, Policy, Unobserved
from checks.healthy import linux_disk, linux_guest, observation, ovf_account, sealed_observation, windows_guest
from checks.judgement import judge
from tests.checks.claims import Claim, absent, catalogue, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("the probe was cut off")
AZUREUSER, OTHER = Policy(deprovision_user="azureuser"), Policy(deprovision_user="builder")
STAYS = Policy(deprovision_user=False)
FILES = ("/etc/passwd", "/etc/shadow", "/etc/subuid")


def named(account: OvfAccount | Fact[OvfAccount], policy: Policy = AZUREUSER, **overrides: Any) -> Observation:
    return observation(guest=linux_guest(ovf_account=account, **overrides), policy=policy)


def after(disk: LinuxDisk, account: Any = None, policy: Policy = AZUREUSER) -> Observation:
    seen = linux_guest(ovf_account=account or ovf_account())
    return sealed_observation(disk=disk, before=observation(guest=seen), policy=policy)


def left(*files: str, homes: tuple[str, ...] = (), name: str = "azureuser") -> LinuxDisk:
    return linux_disk(accounts={"root": ("/etc/passwd",), **({name: files} if files else {})}, homes=homes)


EXPECTED = (
    clean("LNX-OVF-001", "the account of the fleet file", named(ovf_account())),
    clean("LNX-OVF-001", "any account, where the fleet file names none", named(ovf_account(), Policy())),
    dirty("LNX-OVF-001", "another account than the fleet file's", named(ovf_account(), OTHER), "builder"),
    dirty("LNX-OVF-001", "a system account", named(ovf_account(uid=33), Policy()), "uid 33"),
    dirty("LNX-OVF-001", "one below the first ordinary uid", named(ovf_account(uid=1000), uid_min=1001), "uid 1000"),
    dirty(
        "LNX-OVF-001", "an account that does not exist", named(ovf_account(uid=Fact.missing())), "not in /etc/passwd"
    ),
    dirty("LNX-OVF-001", "another name, its uid not read", named(ovf_account(uid=UNREAD), OTHER), "builder"),
    absent("LNX-OVF-001", "no file, and the account stays", named(Fact.missing(), STAYS), "not applicable"),
    absent("LNX-OVF-001", "no file", named(Fact.missing()), "failed", "azureuser"),
    absent("LNX-OVF-001", "no file, no name", named(Fact.missing(), Policy()), "failed", "the provisioned account"),
    unknown("LNX-OVF-001", "file not parsed", named(Fact.unknown("ovf-env.xml is no XML")), "no XML"),
    unknown("LNX-OVF-001", "uid not read", named(ovf_account(uid=UNREAD)), "cut off"),
    unknown("LNX-OVF-001", "first ordinary uid not read", named(ovf_account(), uid_min=UNREAD), "cut off"),
)

SUDOERS = (
    clean("LNX-OVF-002", "its own line alone", named(ovf_account())),
    clean("LNX-OVF-002", "another account's line", named(ovf_account(), sudoers_accounts=("azureuser", "packer"))),
    dirty("LNX-OVF-002", "a longer name", named(ovf_account(), sudoers_accounts=("azureuser2",)), "azureuser2"),
    absent("LNX-OVF-002", "no such file", named(ovf_account(), sudoers_accounts=Fact.missing()), "passed"),
    absent("LNX-OVF-002", "no account to go", named(Fact.missing(), sudoers_accounts=("a",)), "passed"),
    unknown("LNX-OVF-002", "not read", named(ovf_account(), sudoers_accounts=UNREAD), "cut off"),
)

GONE = (
    clean("LNX-USER-001", "gone everywhere", after(left(), policy=Policy())),
    clean("LNX-USER-001", "another home is there", after(left(homes=("azureuser2",)))),
    clean("LNX-USER-001", "its home was not known before", after(left(), ovf_account(home=UNREAD))),
    dirty(
        "LNX-USER-001",
        "left in account files",
        after(left(*FILES)),
        "/etc/passwd, /etc/shadow, /etc/subuid: azureuser is named",
    ),
    dirty("LNX-USER-001", "its home is left", after(left(homes=("azureuser",))), "/home/azureuser"),
    dirty("LNX-USER-001", "its home, as a path", after(left(homes=("/home/azureuser",))), "/home/azureuser"),
    dirty("LNX-USER-001", "a home of another name", after(left(homes=("b",)), ovf_account(home="/home/b")), "/home/b"),
    dirty(
        "LNX-USER-001",
        "left in a file, its home elsewhere",
        after(left("/etc/passwd"), ovf_account(home="/srv/azureuser")),
        "/etc/passwd",
    ),
    absent("LNX-USER-001", "the account was to stay", after(left(*FILES), policy=STAYS), "not applicable"),
    absent("LNX-USER-001", "no ovf-env.xml before", after(left(*FILES), Fact.missing()), "not applicable"),
    absent("LNX-USER-001", "no folder /home", after(linux_disk(homes=Fact.missing())), "passed"),
    absent("LNX-USER-001", "no account files", after(linux_disk(accounts=Fact.missing())), "undetermined"),
    unknown("LNX-USER-001", "ovf-env.xml not read before", after(left(), UNREAD), "cut off"),
    unknown("LNX-USER-001", "account files not read", after(linux_disk(accounts=UNREAD)), "cut off"),
    unknown("LNX-USER-001", "/home not read", after(linux_disk(homes=UNREAD)), "cut off"),
    unknown(
        "LNX-USER-001", "a home outside /home", after(left(), ovf_account(home="/srv/azureuser")), "/srv/azureuser"
    ),
    unknown(
        "LNX-USER-001",
        "guest not seen before",
        sealed_observation(before=observation(guest=Unobserved("Run Command failed"))),
        "Run Command failed",
    ),
    unknown(
        "LNX-USER-001",
        "a Windows guest seen before",
        sealed_observation(before=observation(guest=windows_guest())),
        "no Linux guest",
    ),
)

NAMED_GONE = (
    dirty(
        "LNX-USER-002",
        "one of several that were named",
        after(left("/etc/passwd", name="builder"), policy=Policy(accounts=("azureuser", "builder"))),
        "builder",
    ),
    clean("LNX-USER-002", "gone everywhere", after(left())),
    dirty("LNX-USER-002", "left in a file", after(left("/etc/passwd", name="builder"), policy=OTHER), "builder"),
    dirty("LNX-USER-002", "its home is left", after(left(homes=("builder",)), policy=OTHER), "/home/builder"),
    absent("LNX-USER-002", "the account was to stay", after(left(*FILES), policy=STAYS), "not applicable"),
    absent("LNX-USER-002", "the fleet file names none", after(left(*FILES), policy=Policy()), "not applicable"),
    unknown("LNX-USER-002", "account files not read", after(linux_disk(accounts=UNREAD)), "cut off"),
)

FOREIGN = Policy(foreign=True)


def people(*names: str, policy: Policy = FOREIGN, **facts: Any) -> Observation:
    return after(linux_disk(human_accounts=names, **facts), policy=policy)


PEOPLE_GONE = (
    clean("LNX-USER-003", "nobody's", people()),
    clean("LNX-USER-003", "one that may stay", people("ops", policy=Policy(foreign=True, allow_accounts=("ops",)))),
    dirty("LNX-USER-003", "two are left", people("azureuser", "ops"), "account azureuser", "account ops"),
    dirty("LNX-USER-003", "a home is left", people(homes=("azureuser",)), "/home/azureuser"),
    dirty("LNX-USER-003", "one is left, homes unread", people("ops", homes=UNREAD), "account ops"),
    absent("LNX-USER-003", "no folder /home", people(homes=Fact.missing()), "passed"),
    absent("LNX-USER-003", "we sealed it ourselves", people("azureuser", policy=Policy()), "not applicable"),
    absent(
        "LNX-USER-003",
        "somebody named whom to miss",
        people("ops", policy=Policy(foreign=True, accounts=("azureuser",))),
        "not applicable",
    ),
    absent(
        "LNX-USER-003",
        "the account was to stay",
        people("azureuser", policy=Policy(foreign=True, deprovision_user=False)),
        "not applicable",
    ),
    unknown("LNX-USER-003", "passwd not read", after(linux_disk(human_accounts=UNREAD), policy=FOREIGN), "cut off"),
    unknown("LNX-USER-003", "/home not read", people(homes=UNREAD), "cut off"),
)
CLAIMS = EXPECTED + SUDOERS + GONE + NAMED_GONE + PEOPLE_GONE


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_account(claim: Claim) -> None:
    claim.verify()


def test_the_named_account_is_judged_also_where_nobody_saw_the_vm_before() -> None:
    somebody_elses = sealed_observation(
        disk=left("/etc/passwd"), before=Unobserved("confirm mode", applicable=False), policy=AZUREUSER
    )

    assert judge(catalogue()["LNX-USER-001"], somebody_elses).outcome == "not applicable"
    assert judge(catalogue()["LNX-USER-002"], somebody_elses).outcome == "failed"

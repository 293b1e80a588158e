"""What a sealed Windows sees of itself: what is sent for it, read as text since no Windows is here, and what its answer
is worth, on a VM in memory.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from checks.facts import Fact, Policy, Receipt, Unobserved, WindowsDisk, plain
from checks.healthy import observation, windows_disk
from lab.guests.windows_look import LOOKS, windows_look
from runners.disk.process.tree import Missing
from runners.disk.process.windows_agents import AGENTS
from runners.disk.process.windows_leftovers import LEFTOVERS
from runners.disk.process.windows_secrets import FILLED_ELEMENT, SECRETS, has_password
from runners.disk.process.windows_system import Windows
from runners.disk.reader import examine
from runners.errors import AzureError, ChannelError, RefusedError
from runners.fleet import Target
from runners.generalize.launch import Launch, Launched
from runners.generalize.windows_look import probes, seen_by_guest, shared, unable
from runners.guest.frame import open_pages, read_page, read_payload
from runners.guest.run_command import ANSWER_LIMIT
from runners.guest.script import RawAnswers, question
from runners.observe.disk import parse
from runners.sysprep_options import SysprepOptions
from tests.runners.answer_files import SAMPLES
from tests.runners.disk.disks import ImageSource
from tests.runners.generalize.fakes import NOON, VM_ID, Bench, own_look
from tests.runners.probes.powershell import functions, lacking, writing
from tests.runners.probes.test_powershell import ALLOWED

SEALED = "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE"
TAG = "2026-11-22T12:00:20Z"
DONE: dict[str, Any] = {"sysprep_processes": [], "image_state": SEALED, "success_tag": TAG}
DISK = windows_disk(success_tag=TAG)
HEALTHY = partial(own_look, DISK)
TEXTS = {probe.name.removeprefix("look_"): probe.text for probe in probes()}


@pytest.fixture
def bench() -> Bench:
    """A Windows whose Sysprep has quit, and that is the only witness there is."""
    bench = Bench("windows")
    bench.guest.off_after = None
    bench.before = observation("windows", policy=Policy(sysprep_end="quit", witness="guest"))
    bench.guest.looks = [DONE]
    bench.guest.sees = [HEALTHY]
    bench.disk = AssertionError("nobody may read its disk")
    return bench


def topics(disk: WindowsDisk) -> dict[str, dict[str, Fact[Any]]]:
    """The facts of a disk by topic, as the look has them."""
    found: dict[str, dict[str, Fact[Any]]] = {"seal": {}}
    for item in dataclasses.fields(disk):
        value = getattr(disk, item.name)
        if isinstance(value, Fact):
            found["seal"][item.name] = value
        elif item.name != "coverage":
            found[item.name] = {part.name: getattr(value, part.name) for part in dataclasses.fields(value)}
    return found


# What is sent


@pytest.mark.parametrize("topic", topics(DISK))
def test_it_looks_for_every_fact_of_the_disk_and_no_other(topic: str) -> None:
    asked = re.findall(r"^    (\w+) = Get-Fact(?:List)? ", TEXTS[topic], re.MULTILINE)
    assert sorted(asked) == sorted(topics(DISK)[topic])


@pytest.mark.parametrize("topic", topics(DISK))
def test_a_fact_that_is_a_list_is_asked_for_as_one(topic: str) -> None:
    lists = {
        name for name, fact in topics(DISK)[topic].items() if fact.known and isinstance(plain(fact).get("value"), list)
    }
    assert set(re.findall(r"^    (\w+) = Get-FactList ", TEXTS[topic], re.MULTILINE)) == lists


@pytest.mark.parametrize("machine", ["", VM_ID])
def test_the_whole_script_is_windows_powershell_5_1_and_writes_nothing_but_its_answer(machine: str) -> None:
    script = question("windows", probes(), "ab" * 8, 3840, shared(machine))
    assert lacking(script) == []
    assert ("notcontains $seen" in script) is bool(machine)
    allowed = ALLOWED | functions(shared(machine))
    assert writing(shared(machine), allowed) == []
    assert [found for text in TEXTS.values() for found in writing(text, allowed)] == []


class Spy:
    """A stopped Windows that holds nothing, and remembers for what it was searched."""

    def __init__(self) -> None:
        self.searched: set[str] = set()
        self.registry = SimpleNamespace(key=self.missing)
        self.volume = SimpleNamespace(is_folder=lambda path: False)

    def missing(self, hive: str, path: str) -> None:
        raise Missing(path)

    def search(self, *patterns: str) -> tuple[str, ...]:
        self.searched |= {pattern.replace("/", "\\") for pattern in patterns}
        return ()

    found = filled = names = required = search

    def homes(self) -> tuple[str, ...]:
        return ("*",)

    def nothing(self, *path: str) -> None:
        return None

    key = system = nothing


@pytest.mark.parametrize(
    ("topic", "looks"),
    [("secrets", SECRETS), ("agents", AGENTS), ("leftovers", LEFTOVERS)],
    ids=lambda item: str(item)[:9],
)
def test_it_searches_where_the_reader_of_the_disk_searches(topic: str, looks: Any) -> None:
    spy = Spy()
    for look in looks.values():
        look(cast("Windows", spy))

    text = TEXTS[topic].replace("Users\\$_", "Users\\*")
    for names, values in re.findall(r"^((?:\$\w+, )?\$\w+) = ('[^'\n]*'(?:, '[^'\n]*')?)$", text, re.MULTILINE):
        for name, value in zip(names.split(", "), values.split(", "), strict=True):
            text = text.replace(name, value.strip("'"))

    assert len(spy.searched) > 5
    assert {place for place in spy.searched if f"'{place}'" not in text and f'"{place}"' not in text} == set()


def test_no_text_of_a_secret_is_part_of_an_answer() -> None:
    # Of what was read, only whether it matches is asked, inside Where-Object, whose output is the path that came in.
    asked = [line.strip() for line in TEXTS["secrets"].splitlines() if "Read-Whole" in line]
    assert asked == [
        "Get-AnswerFiles | Where-Object { ((Read-Whole $_) -replace '\\0') -match $password }",
        'Where-Object { (Read-Whole $_) -cmatch \'"protectedSettings"\\s*:\\s*"[^"]\' }',
    ]
    assert "$Matches" not in TEXTS["secrets"]


def test_a_password_in_an_answer_file_is_known_by_the_pattern_of_the_stopped_disk() -> None:
    # A witness that knew less would let a target pass that the disk would have shown.
    assert re.findall(r"(?m)^\$password = '(.*)'$", TEXTS["secrets"]) == [FILLED_ELEMENT]


@pytest.mark.parametrize(("text", "holds"), SAMPLES)
def test_a_password_in_an_answer_file_is_seen_unless_setup_has_deleted_it(text: str, holds: bool) -> None:
    """What the script does to a file's text, by its own pattern, and what the reader of the stopped disk says of it."""
    (pattern,) = re.findall(r"(?m)^\$password = '(.*)'$", TEXTS["secrets"])
    (dropped,) = re.findall(r"\(Read-Whole \$_\) -replace '(.*)'\) -match \$password", TEXTS["secrets"])
    assert bool(re.search(pattern, re.sub(dropped, "", text), re.IGNORECASE)) is holds
    assert has_password(text) is holds


@pytest.mark.parametrize(
    ("rule", "opens"),
    [
        ("v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=5985|App=System|", True),
        ("v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=5986", True),
        ("v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=59850|App=System|", False),
    ],
)
def test_its_pattern_knows_a_rule_for_winrm(rule: str, opens: bool) -> None:
    (pattern,) = re.findall(r"-notmatch '(\\\|LPort.*?)'", TEXTS["access"])
    assert bool(re.search(pattern, rule)) is opens


# Who can be asked


ID = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/images/providers/Microsoft.Compute"


def target(**keys: Any) -> Target:
    return Target(name="golden", id=f"{ID}/virtualMachines/golden", **{"witness": "guest"} | keys)


@pytest.mark.parametrize(
    ("keys", "platform"),
    [({"witness": "disk"}, "windows"), ({}, "linux"), ({"sysprep": SysprepOptions(end="quit")}, "windows")],
    ids=["the disk is the witness", "Linux looks by itself", "it stays up"],
)
def test_nothing_keeps_it_from_being_asked_where_it_stays_up_or_need_not_say(keys: Any, platform: str) -> None:
    assert unable(target(**keys), platform) == ""


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({}, "Write sysprep: {end: quit}"),
        (
            {
                "sysprep": SysprepOptions(end="quit"),
                "channel": "winrm://builder@10.0.0.5",
                "channel_password_env": "SEALPROOF_TEST",
            },
            "through Run Command only",
        ),
    ],
    ids=["it shuts down", "another channel"],
)
def test_where_it_can_not_be_asked_the_fleet_file_is_told_what_to_change(keys: Any, told: str) -> None:
    assert told in unable(target(**keys), "windows")


# What the lab's Windows guests see of themselves


@pytest.mark.parametrize("name", sorted(path.stem for path in LOOKS.glob("*.json")))
def test_the_look_of_a_simulated_guest_is_what_is_on_its_disk(name: str) -> None:
    raw = {topic: text.encode() for topic, text in windows_look(name, NOON).items()}
    mine = topics(seen_by_guest(RawAnswers(raw, frozenset(), {}, 1)))
    theirs = topics(cast("WindowsDisk", parse(examine(ImageSource(name), "windows"))))
    assert mine["seal"].pop("success_tag") == Fact.of("2026-11-22T12:00:00Z")
    assert not theirs["seal"].pop("success_tag").absent
    assert mine == theirs


def test_an_ordinary_answer_fits_one_page() -> None:
    sent = question("windows", probes(), "ab" * 8, ANSWER_LIMIT - 256, shared(""))
    page = read_page(own_look(DISK, sent), "ab" * 8, 1)
    assert page.pages == 1
    assert len(page.text) < 2500


# What its answer is worth


def test_a_sealed_windows_is_asked_before_it_is_stopped_and_judged_by_its_answer(bench: Bench) -> None:
    power: list[str] = []
    bench.guest.sees = [lambda script: power.append(bench.arm.power) or HEALTHY(script)]  # type: ignore[func-returns-value]

    ending = bench.seal()

    assert (ending.generalized, ending.stopped, power) == (True, "", ["running"])
    assert isinstance(ending.disk, Unobserved)
    assert not ending.disk.applicable
    assert isinstance(ending.look, WindowsDisk)
    assert topics(ending.look) == topics(DISK)
    assert ending.look.coverage.bytes_read == 0
    assert bench.judged[-1].seen("disk") is ending.look
    assert bench.journal.events.index("look.seen") < bench.journal.events.index("deallocated.begin")


def test_the_receipt_is_made_of_what_it_sees(bench: Bench) -> None:
    ending = bench.seal()
    assert isinstance(ending.receipt, Receipt)
    assert ending.receipt.excerpt == ("Sysprep_succeeded.tag written 2026-11-22T12:00:20+00:00",)

    lines = ("2026-11-22 12:00:07, Error     SYSPRP Package A.B_1 was installed for a user, but not provisioned",)
    stale = Bench("windows")
    stale.before, stale.guest.off_after, stale.guest.looks = bench.before, None, [DONE]
    stale.guest.sees = [partial(own_look, windows_disk(success_tag="2026-11-21T12:00:00Z", error_lines=lines))]
    receipt = stale.seal().receipt
    assert isinstance(receipt, Receipt)
    assert (receipt.outcome, "package A.B_1" in receipt.cause) == ("failed", True)


def test_a_guest_that_does_not_show_a_sealed_system_is_stopped_and_not_flagged(bench: Bench) -> None:
    bench.verdict = "WIN-IMAGE-001 failed"

    ending = bench.seal()

    assert ending.stopped.startswith("the guest itself does not show a sealed system")
    assert (ending.generalized, bench.arm.power, bench.arm.flags) == (False, "deallocated", 0)


BROKEN: dict[str, Callable[[str], str] | Exception] = {
    "nothing": lambda script: "",
    "cut": lambda script: HEALTHY(script)[:-60],
    "its start is cut off": lambda script: HEALTHY(script)[60:],
    "garbled": lambda script: HEALTHY(script).replace(":H4sI", ":H4sJ"),
    "another question's": lambda script: HEALTHY(script).replace(nonce_of(script), "f" * 16),
    "gave up": lambda script: f"sealproof-error[{nonce_of(script)}]: the answer needs 9 pages of 3840 bytes",
    "lost": ChannelError("the answer is lost"),
    "Azure is busy": RefusedError("in progress", status=409, code="Conflict"),
    "no Azure": AzureError("no answer from Azure"),
}


def nonce_of(script: str) -> str:
    return script.splitlines()[1].removeprefix("# nonce: ")


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_without_a_whole_answer_it_is_left_running_and_never_flagged(bench: Bench, broken: Any) -> None:
    bench.guest.sees = [broken]

    ending = bench.seal()

    assert "3 times it did not say what it sees of itself" in ending.stopped
    assert (len(bench.guest.asked), bench.journal.events.count("look.unseen")) == (3, 3)
    assert isinstance(ending.look, Unobserved)
    assert ending.look.applicable
    assert (bench.arm.power, bench.arm.flags, ending.launched) == ("running", 0, True)
    assert bench.judged == []


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_one_whole_answer_is_enough_and_each_question_has_its_own_mark(bench: Bench, broken: Any) -> None:
    bench.guest.sees = [broken, broken, HEALTHY]

    assert bench.seal().generalized
    assert len({nonce_of(script) for script in bench.guest.asked}) == 3


def test_one_that_goes_off_before_it_has_said_it_is_undetermined(bench: Bench) -> None:
    def goes_off(script: str) -> str:
        bench.arm.power = "stopped"
        return ""

    bench.guest.sees = [goes_off]
    bench.verdict = "WIN-IMAGE-001 undetermined"

    ending = bench.seal()

    assert isinstance(ending.look, Unobserved)
    assert "went off before it had said" in ending.look.reason
    assert (bench.arm.power, bench.arm.flags, len(bench.guest.asked)) == ("deallocated", 0, 1)


def test_one_that_went_off_before_it_could_be_asked_has_no_receipt_either(bench: Bench) -> None:
    bench.guest.looks, bench.guest.off_after = [{}], 20.0
    bench.verdict = "WIN-IMAGE-001 undetermined"

    ending = bench.seal()

    assert isinstance(ending.receipt, Unobserved)
    assert "what the guest sees of itself" in ending.receipt.reason
    assert (bench.guest.asked, bench.arm.flags) == ([], 0)


def test_what_is_missing_or_malformed_in_an_answer_is_unknown() -> None:
    raw = {
        "look_seal": json.dumps({"image_state": {"value": 7}, "setup_type": {"value": "2"}}).encode(),
        "look_log": b"no JSON",
        "look_access": json.dumps({"probe_failed": {"unknown": "access is denied"}}).encode(),
    }
    disk = seen_by_guest(RawAnswers(raw, frozenset({"look_accounts"}), {}, 1))
    assert not any(fact.known for facts in topics(disk).values() for fact in facts.values())
    assert "access is denied" in disk.access.winrm_basic.to_json()["unknown"]
    with pytest.raises(Exception, match="printed more than can be sent"):
        disk.accounts.local_accounts.value  # noqa: B018


def test_what_another_run_launched_is_asked_as_well(bench: Bench) -> None:
    bench.earlier = Launched(Launch(NOON, "root"), "6f1c0d2a9b3e4f50")

    ending = bench.seal()

    assert (ending.generalized, ending.stopped) == (True, "")
    assert bench.guest.scripts == []
    assert len(bench.guest.asked) == 1


def test_an_answer_of_a_guest_is_what_its_frame_says(bench: Bench) -> None:
    bench.seal()
    (script,) = bench.guest.asked
    page = read_page(HEALTHY(script), nonce_of(script), 1)
    assert set(read_payload(open_pages([page]), [probe.name for probe in probes()]).raw) == {
        f"look_{topic}" for topic in topics(DISK)
    }


@pytest.mark.parametrize("file", sorted(Path(LOOKS).glob("*.json")), ids=lambda file: file.stem)
def test_a_look_says_from_where_it_is(file: Path) -> None:
    assert "no Windows ran them" in json.loads(file.read_text(encoding="utf-8"))["from"]

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from runners.cloud import AZURE_CLOUDS, cloud_of
from runners.errors import FleetError, StepError
from runners.fleet import Fleet, Target, fleet_from_mapping, load_fleet
from runners.fleet_options import fleet_from_options, target_from_id
from runners.selector import Selector
from runners.sysprep_options import SysprepOptions, read_password
from runners.treatment import Treatment
from runners.way_in import WayIn

DOCS = Path(__file__).parents[2] / "docs" / "fleet.md"
GROUP = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/images"
VMS = f"{GROUP}/providers/Microsoft.Compute/virtualMachines"
ONE = f"version: 1\ntargets:\n  - name: one\n    id: {VMS}/one\n"
DISKS = f"{GROUP}/providers/Microsoft.Compute/disks"
ONE_OF = ("id", "disk", "snapshot", "file")
VM_ID = "0f6a1e0c-95a5-4d7b-8a55-3a3f2c7d9e10"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "fleet.yaml"


def load(file: Path, text: str) -> Fleet:
    file.write_text(text, encoding="utf-8")
    return load_fleet(file)


def refused(file: Path, text: str) -> list[str]:
    """Return the lines of the error, each without the path: `3: what is wrong`."""
    with pytest.raises(FleetError) as caught:
        load(file, text)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{file}:") for line in lines), lines
    return [line.removeprefix(f"{file}:") for line in lines]


class TestSelecting:
    SELECT = "version: 1\ndefaults: {clean: [logs]}\ntargets:\n  - select: [tag:release=2026-11, group:rg-images]\n"

    def test_an_entry_may_say_how_to_find_vms(self, file: Path) -> None:
        fleet = load(file, self.SELECT + f"    platform: linux\n  - {{name: one, id: {VMS}/one}}\n")

        (selector,) = fleet.selectors
        assert str(selector.query) == "group:rg-images and tag:release=2026-11"
        assert (selector.clean, selector.platform) == (("logs",), "linux")
        assert [target.name for target in fleet.targets] == ["one"]

    def test_paths_start_at_the_file(self, file: Path) -> None:
        (selector,) = load(file, self.SELECT + "    sysprep: {run_as: builder, password_file: secret}\n").selectors

        assert selector.sysprep.password_file == file.parent / "secret"

    @pytest.mark.parametrize(
        ("more", "told"),
        [
            (f"    vm_id: {VM_ID}\n", "4: targets[0]: it has select and vm_id, which is of one VM"),
            ("    name: one\n", "4: targets[0]: it has select and name, which is of one VM"),
            (
                "    channel: ssh://10.0.0.4\n",
                "5: targets[0].channel: it leads to one guest, and a query may",
            ),
            ("    colour: red\n", "5: targets[0].colour: there is no such key"),
        ],
    )
    def test_what_is_of_one_vm_is_refused(self, file: Path, more: str, told: str) -> None:
        (line,) = refused(file, self.SELECT + more)

        assert line.startswith(told), line

    @pytest.mark.parametrize(
        ("conditions", "told"),
        [
            ("[release]", "'release' is no condition"),
            ("tag:release", "it is 'tag:release', and must be a list"),
            ("[]", "it is empty. Give at least one"),
            ("[2026]", "YAML reads it as 2026, and it must be text"),
        ],
    )
    def test_conditions_are_texts_in_a_list(self, file: Path, conditions: str, told: str) -> None:
        (line,) = refused(file, f"version: 1\ntargets:\n  - select: {conditions}\n")

        assert line.startswith("3: targets[0].select"), line
        assert told in line


class TestLoading:
    def test_a_target_needs_only_a_name_and_an_id(self, file: Path) -> None:
        (target,) = load(file, ONE).targets

        assert (target.name, target.id, target.vm_id, target.platform) == ("one", f"{VMS}/one", None, None)
        assert (target.channel, target.witness, target.claim) == ("run-command", "disk", "tags")
        assert (target.clean, target.deprovision_user, target.profile) == ((), True, None)
        assert (target.deadline_minutes, target.max_age_minutes) == (30, 60)

    def test_an_id_is_taken_apart(self, file: Path) -> None:
        (target,) = load(file, ONE).targets

        assert target.subscription_id == "11111111-2222-3333-4444-555555555555"
        assert target.resource_group == "images"
        assert target.vm_name == "one"

    def test_an_id_is_read_without_regard_to_case(self, file: Path) -> None:
        (target,) = load(
            file, ONE.replace("resourceGroups", "resourcegroups").replace("Microsoft", "microsoft")
        ).targets

        assert target.resource_group == "images"

    def test_defaults_hold_where_a_target_says_nothing(self, file: Path) -> None:
        text = ONE.replace("targets:", "defaults: {clean: [machine-id], deadline_minutes: 5}\ntargets:")
        two = f"  - {{name: two, id: {VMS}/two, clean: [], deadline_minutes: 7}}\n"

        first, second = load(file, text + two).targets

        assert (first.clean, first.deadline_minutes) == (("machine-id",), 5)
        assert (second.clean, second.deadline_minutes) == ((), 7)

    def test_an_empty_section_of_defaults_says_nothing(self, file: Path) -> None:
        assert load(file, ONE.replace("targets:", "defaults:\ntargets:")) == load(file, ONE).model_copy(
            update={"digest": hashlib.sha256(ONE.replace("targets:", "defaults:\ntargets:").encode()).hexdigest()}
        )

    def test_a_pinned_vm_id_is_compared_in_lower_case(self, file: Path) -> None:
        (target,) = load(file, ONE + f"    vm_id: {VM_ID.upper()}\n").targets

        assert target.vm_id == VM_ID

    def test_what_is_written_out_as_the_default_is_the_default(self, file: Path) -> None:
        written = ONE + "    vm_id:\n    platform:\n    deprovision_user:\n    witness: disk\n    clean: []\n"

        assert load(file, written).targets == load(file, ONE).targets

    def test_the_fleet_knows_its_file_and_the_digest_of_its_bytes(self, file: Path) -> None:
        fleet = load(file, ONE)

        assert fleet.source == str(file)
        assert fleet.digest == hashlib.sha256(file.read_bytes()).hexdigest()

    def test_a_byte_order_mark_is_no_mistake(self, file: Path) -> None:
        assert load(file, "\ufeff" + ONE).targets[0].name == "one"

    @pytest.mark.parametrize(
        "channel",
        ["run-command", "ssh://azureuser@10.0.0.4:22", "ssh://vm?a=b"],
    )
    def test_a_channel_is_run_command_or_a_testinfra_host(self, file: Path, channel: str) -> None:
        assert load(file, ONE + f"    channel: {channel}\n").targets[0].channel == channel

    def test_a_winrm_channel_names_where_its_password_is(self, file: Path) -> None:
        text = ONE + "    channel: winrm://builder@10.0.0.5\n    channel_password_file: secret\n"
        (target,) = load(file, text).targets
        assert target.channel_password_file == file.parent / "secret"

    def test_a_winrm_channel_s_password_may_be_named_in_the_defaults(self, file: Path) -> None:
        text = ONE.replace("targets:", "defaults: {channel_password_env: SEALPROOF_WINRM}\ntargets:")
        (target,) = load(file, text + "    channel: winrm://builder@10.0.0.5\n").targets
        assert target.channel_password_env == "SEALPROOF_WINRM"

    @pytest.mark.parametrize(
        ("keys", "said"),
        [
            ("", "needs its account's password"),
            ("    channel_password_env: A\n    channel_password_file: b\n", "and not both"),
            ("    channel_password_env: CANARY horse\n", "it is no name of an environment variable"),
        ],
    )
    def test_a_winrm_channel_without_a_place_of_its_password_is_refused(self, file: Path, keys: str, said: str) -> None:
        (mistake,) = refused(file, ONE + "    channel: winrm://builder@10.0.0.5\n" + keys)
        assert said in mistake
        assert "CANARY" not in mistake

    def test_a_fleet_can_not_be_changed(self, file: Path) -> None:
        with pytest.raises(ValueError, match="frozen"):
            load(file, ONE).targets[0].name = "two"  # type: ignore[misc]


class TestWhatOthersSealed:
    """A disk, a snapshot or a file in place of a VM."""

    @pytest.mark.parametrize(
        ("kind", "subject"),
        [
            ("disk", f"{DISKS}/golden-os"),
            ("snapshot", f"{DISKS.replace('disks', 'snapshots')}/golden"),
            ("file", "images/golden.vhdx"),
        ],
    )
    def test_a_target_is_one_thing(self, file: Path, kind: str, subject: str) -> None:
        (target,) = load(file, f"version: 1\ntargets:\n  - name: one\n    {kind}: {subject}\n").targets

        assert target.kind == kind
        assert target.subject == (str(file.parent / subject) if kind == "file" else subject)

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            (f"disk: {VMS}/one", "is not the ARM id of a managed disk, but of a VM"),
            (f"snapshot: {DISKS}/one", "is not the ARM id of a snapshot, but of a managed disk"),
            (f"id: {DISKS}/one", "is not the ARM id of a VM, but of a managed disk"),
            ("disk: golden-os", "az disk list"),
            (f"disk: {DISKS}/one\n    file: a.vhd", "disk and file, and a target is one thing"),
            (f"file: a.vhd\n    vm_id: {VM_ID}", "a vm_id is a VM's"),
            ("platform: linux", "it names nothing"),
            ("file: a.vhd\n    accounts: ['two words']", "is no account name"),
        ],
    )
    def test_what_is_no_one_thing_is_refused(self, file: Path, line: str, said: str) -> None:
        (mistake,) = refused(file, f"version: 1\ntargets:\n  - name: one\n    {line}\n")
        assert said in mistake

    def test_a_thing_twice_is_refused(self, file: Path) -> None:
        twice = f"version: 1\ntargets:\n  - {{name: a, disk: {DISKS}/one}}\n  - {{name: b, disk: {DISKS}/ONE}}\n"
        (mistake,) = refused(file, twice)
        assert "target 'a' has" in mistake


class TestLinux:
    @pytest.mark.parametrize(("said", "meant"), [("true", True), ("false", False), ("azureuser", "azureuser")])
    def test_an_account_is_named_or_goes_or_stays(self, file: Path, said: str, meant: bool | str) -> None:
        assert load(file, ONE + f"    deprovision_user: {said}\n").targets[0].deprovision_user == meant

    @pytest.mark.parametrize(
        ("said", "meant"),
        [("off", False), ("'off'", False), ("[]", ()), ("[logs, machine-id]", ("logs", "machine-id"))],
    )
    def test_cloud_init_is_off_or_cleans_what_is_listed(self, file: Path, said: str, meant: object) -> None:
        assert load(file, ONE + f"    cloud_init: {said}\n").targets[0].cloud_init == meant


class TestMistakes:
    """Each is told with the line it is on, what is wrong and what to do."""

    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ("chanel: run-command", r"5: targets\[0\].chanel: there is no such key. Did you mean channel\?"),
            ("deadline-minutes: 5", r"5: targets\[0\].deadline-minutes: .* Did you mean deadline_minutes\?"),
            ("zebra: 1", r"5: targets\[0\].zebra: there is no such key. The keys here are platform, clean, .*vm_id."),
            ("platform: Linux", r"5: targets\[0\].platform: it is 'Linux'. Write 'linux' or 'windows'."),
            ("clean: machine-id", r"5: targets\[0\].clean: it is 'machine-id', and must be a list"),
            ("clean: [history]", r"5: targets\[0\].clean\[0\]: it is 'history'. Write 'machine-id', 'passwd"),
            ("deadline_minutes: 0", r"5: targets\[0\].deadline_minutes: it is 0, and must be at least 1."),
            ("deadline_minutes: 241", r"5: targets\[0\].deadline_minutes: it is 241, and must be at most 240."),
            ("deadline_minutes: 3.5", r"5: targets\[0\].deadline_minutes: it is 3.5, and must be a whole number."),
            ("max_age_minutes: true", r"5: targets\[0\].max_age_minutes: it is True, and must be a whole number."),
            ("channel: local://", r"5: targets\[0\].channel: it is neither run-command nor a testinfra host"),
            ("witness: nobody", r"5: targets\[0\].witness: it is 'nobody'. Write 'disk' or 'guest'."),
            ("vm_id: 12", r"5: targets\[0\].vm_id: YAML reads it as 12, and it must be text. Put it in quotes."),
            ("vm_id: one", r"5: targets\[0\].vm_id: 'one' is no vmId.* az vm show"),
            ("channel: telnet://one", r"5: targets\[0\].channel: it is neither run-command nor .*ssh://"),
            ("channel:", r"5: targets\[0\].channel: it is empty, and must be text."),
            ("deprovision_user: 7", r"5: targets\[0\].deprovision_user: '7' is no account name. Write true, false,"),
            (
                "cloud_init: on",
                r"5: targets\[0\].cloud_init: it is 'True'. Write off, or a list of logs, seed, machine-id",
            ),
            ("cloud_init: [network]", r"5: targets\[0\].cloud_init: it is .*network.*Write off, or a list"),
            ("deprovision_user: 'a b'", r"5: targets\[0\].deprovision_user: 'a b' is no account name"),
            ("allow_accounts: [a b]", r"5: targets\[0\].allow_accounts: 'a b' is no account name"),
            ("deprovision_user: ../x", r"5: targets\[0\].deprovision_user: '../x' is no account name"),
        ],
    )
    def test_of_one_key(self, file: Path, line: str, told: str) -> None:
        (mistake,) = refused(file, ONE + f"    {line}\n")

        assert re.match(told, mistake), mistake

    @pytest.mark.parametrize("name", ["'a/b'", "..", "'a b'", "-a", "''", "x" * 65, "'a\\nb'", '"a\\nb"'])
    def test_of_a_name_that_can_not_name_a_file(self, file: Path, name: str) -> None:
        (mistake,) = refused(file, ONE.replace("name: one", f"name: {name}"))

        assert mistake.startswith("3: targets[0].name: ")
        assert "is no target name" in mistake

    @pytest.mark.parametrize(
        "id_",
        [
            "one",
            f"{GROUP}/providers/Microsoft.Compute/disks/one",
            f"{GROUP}/providers/Microsoft.ClassicCompute/virtualMachines/one",
            f"{VMS}/one/",
            f"{VMS}/one/extensions/x",
            f"{VMS}/one?api-version=1",
            f"'{VMS}/one two'",
            f"{VMS}/..",
            VMS.replace("11111111", "sub"),
            VMS.replace("/resourceGroups/images", ""),
        ],
    )
    def test_of_an_id_that_is_no_vms(self, file: Path, id_: str) -> None:
        (mistake,) = refused(file, ONE.replace(f"{VMS}/one", id_))

        assert mistake.startswith("4: targets[0].id: ")
        assert "is not the ARM id of a VM" in mistake
        assert "az vm list" in mistake

    def test_several_are_told_at_once_from_top_to_bottom(self, file: Path) -> None:
        text = ONE + f"    wittness: disk\n  - id: {VMS}/two\n    deadline_minutes: many\n"
        text = text.replace("version: 1", "version: 2").replace("targets:", "defaults: {clean: [all]}\ntargets:")

        mistakes = refused(file, text)

        assert [mistake.split(":")[0] for mistake in mistakes] == ["1", "2", "6", "7", "8"]
        assert "this Sealproof reads version 1" in mistakes[0]
        assert "targets[1].name: it is missing. Give a name" in mistakes[3]

    def test_a_mistake_in_the_defaults_is_told_once(self, file: Path) -> None:
        text = ONE.replace("targets:", "defaults:\n  platform: mac\ntargets:") + f"  - {{name: two, id: {VMS}/two}}\n"

        assert refused(file, text) == ["3: defaults.platform: it is 'mac'. Write 'linux' or 'windows'."]

    @pytest.mark.parametrize("key", ["name", "id", "vm_id"])
    def test_defaults_can_not_name_a_machine(self, file: Path, key: str) -> None:
        (mistake,) = refused(file, ONE.replace("targets:", f"defaults: {{{key}: x}}\ntargets:"))

        assert mistake.startswith(f"2: defaults.{key}: there is no such key.")

    @pytest.mark.parametrize(
        ("second", "key"),
        [
            (f"{{name: ONE, id: {VMS}/two}}", "name"),
            (f"{{name: two, id: {VMS.replace('images', 'IMAGES')}/One}}", "id"),
            (f"{{name: two, id: {VMS}/two, vm_id: {VM_ID.upper()}}}", "vm_id"),
        ],
    )
    def test_two_targets_are_two_machines(self, file: Path, second: str, key: str) -> None:
        (mistake,) = refused(file, ONE + f"    vm_id: {VM_ID}\n  - {second}\n")

        assert mistake.startswith(f"6: targets[1].{key}: target 'one' has ")

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("version: 1\n", "1: targets: it is missing."),
            ("version: 1\ntargets:\n", "2: targets: it is empty, and must be a list"),
            ("version: 1\ntargets: []\n", "2: targets: it is empty. Give at least one."),
            ("version: 1\ntargets: one\n", "2: targets: it is 'one', and must be a list"),
            ("version: 1\ntargets: [one]\n", "2: targets[0]: it is 'one', and must hold keys with values."),
            (ONE.replace("version: 1", "version: true"), "1: version: it is True"),
            (ONE.replace("version: 1\n", ""), "1: version: it is missing."),
            (ONE + "defaults: none\n", "5: defaults: it is 'none', and must hold keys with values."),
            (ONE + "target: x\n", "5: target: there is no such key. Did you mean targets?"),
            (ONE + "1: x\n", "5: 1: there is no such key. The keys here are version, defaults, cloud, targets."),
        ],
    )
    def test_of_the_top(self, file: Path, text: str, told: str) -> None:
        (mistake,) = refused(file, text)

        assert mistake.startswith(told)

    def test_of_a_list_where_keys_are_expected(self, file: Path) -> None:
        (mistake,) = refused(file, "- one\n")

        assert "a fleet is a mapping with the keys version and targets" in mistake

    def test_a_password_is_refused_and_not_repeated(self, file: Path) -> None:
        (mistake,) = refused(file, ONE + "    channel: winrm://builder:hunter2@10.0.0.5\n")

        assert "it holds a password" in mistake
        assert "hunter2" not in mistake

    def test_a_long_value_is_shown_short(self, file: Path) -> None:
        (mistake,) = refused(file, ONE + f"    platform: {'x' * 5000}\n")

        assert len(mistake) < 200


class TestCloud:
    def test_without_the_key_nothing_is_said(self, file: Path) -> None:
        assert load(file, ONE).cloud == WayIn()

    @pytest.mark.parametrize("name", AZURE_CLOUDS)
    def test_a_name_is_one_of_azure_s_own_clouds(self, file: Path, name: str) -> None:
        assert cloud_of(load(file, f"cloud: {name}\n{ONE}").cloud) == AZURE_CLOUDS[name]

    def test_a_mapping_names_another_and_its_paths_start_at_the_file(self, file: Path) -> None:
        text = "cloud: {arm_endpoint: 'https://Localhost:8443/', authority: https://login.example.org, ca: own/ca.pem}"

        cloud = load(file, f"{text}\n{ONE}").cloud

        assert (cloud.arm_endpoint, cloud.authority) == ("https://localhost:8443", "https://login.example.org")
        assert cloud.ca == file.parent / "own" / "ca.pem"

    @pytest.mark.parametrize(
        ("said", "told"),
        [
            ("cloud: AzureGermanCloud", "1: cloud: it is 'AzureGermanCloud'. Write AzureCloud, AzureUSGovernment"),
            ("cloud: [AzureCloud]", "1: cloud: it is \"['AzureCloud']\". Write AzureCloud"),
            ("cloud:\n  endpoint: https://a", "2: cloud.endpoint: there is no such key. Did you mean arm_endpoint?"),
            ("cloud:\n  arm_endpoint: http://a", "2: cloud.arm_endpoint: 'http://a' is no https URL"),
            ("cloud:\n  arm_endpoint: https://a/b", "2: cloud.arm_endpoint: 'https://a/b' has a path"),
            ("cloud:\n  authority: 7", "2: cloud.authority: YAML reads it as 7, and it must be text"),
        ],
    )
    def test_a_mistake_is_told_with_its_line(self, file: Path, said: str, told: str) -> None:
        (mistake,) = refused(file, f"{said}\n{ONE}")

        assert mistake.startswith(told)

    def test_a_password_in_a_url_is_not_repeated(self, file: Path) -> None:
        (mistake,) = refused(file, f"cloud:\n  arm_endpoint: https://me:hunter2@a\n{ONE}")

        assert "hunter2" not in mistake


class TestFiles:
    """What is no fleet file at all."""

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("", "1: the fleet file is empty."),
            ("# nothing yet\n", "1: the fleet file is empty."),
            ("a:\n\t- b\n", "2: the fleet file is not YAML: .*Indent with spaces: YAML does not take tabs."),
            ("a: [1\nb: 2\n", "2: the fleet file is not YAML: .*Check the indentation"),
            ("a: b: c\n", "1: the fleet file is not YAML"),
            ("a: 1\nb: '\x01'\n", r"2: the fleet file holds the character U\+0001"),
            (ONE + "version: 1\n", "5: the key 'version' was given before, on line 1; keep one of the two."),
            (ONE + "    name: two\n", "5: the key 'name' was given before, on line 3"),
            ("a: &x [1]\nb: *x\n", r"2: the fleet file uses the alias \*x. Write the value out."),
            ("a: !!python/object:os.system b\n", "1: the tag .*python.* is not used here; remove it."),
            ("a: !mine {b: c}\n", "1: the tag !mine is not used here; remove it."),
            ("a: 1\n---\nb: 2\n", r"2: a second document begins here \(---\)."),
            ("a: 1\nb: 2026-02-30\n", "2: the value '2026-02-30' can't be read; if it is text, put it in quotes."),
            ("? [a]\n: b\n", "1: a key must be a word"),
            ("a: " + "[" * 100_000, "1: the fleet file is nested more than 20 deep."),
        ],
    )
    def test_is_refused_with_its_line(self, file: Path, text: str, told: str) -> None:
        (mistake,) = refused(file, text)

        assert re.match(told, mistake), mistake

    def test_several_mistakes_of_form_are_told_at_once(self, file: Path) -> None:
        assert len(refused(file, "a: 1\na: 2\nb: !x 1\n")) == 2

    def test_a_few_lines_that_name_billions_of_nodes_are_refused(self, file: Path) -> None:
        bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))

        assert "alias" in refused(file, bomb)[0]

    def test_that_is_no_text_is_refused(self, file: Path) -> None:
        file.write_bytes(b"version: 1\nname: \xff\xfe\n")

        with pytest.raises(FleetError, match=r"fleet.yaml:2: the fleet file is not UTF-8 text"):
            load_fleet(file)

    def test_that_is_huge_is_refused(self, file: Path) -> None:
        file.write_text("a: 1\n" + "#" * 1024 * 1024)

        with pytest.raises(FleetError, match="larger than 1 MiB"):
            load_fleet(file)

    @pytest.mark.parametrize("path", ["missing.yaml", "."])
    def test_that_can_not_be_read_is_refused(self, tmp_path: Path, path: str) -> None:
        with pytest.raises(FleetError, match=r"the fleet file can't be read: .+\. Check the path"):
            load_fleet(tmp_path / path)


class TestOtherSources:
    def test_a_mapping_is_validated_as_a_file_is(self) -> None:
        fleet = fleet_from_mapping(yaml.safe_load(ONE), "scenario demo")

        assert fleet.targets == (Target(name="one", id=f"{VMS}/one"),)
        assert (fleet.source, fleet.digest) == ("scenario demo", "")

    def test_mistakes_in_a_mapping_name_their_source(self) -> None:
        data: dict[str, Any] = {"version": 1, "targets": [{"name": "one"}]}

        with pytest.raises(FleetError, match=r"^scenario demo: targets\[0\]: it names nothing. Give id, a VM's ARM id"):
            fleet_from_mapping(data, "scenario demo")

    def test_an_id_alone_makes_a_target(self) -> None:
        assert target_from_id(f"{VMS}/one") == Target(name="one", id=f"{VMS}/one")

    def test_an_id_alone_that_is_none_is_refused(self) -> None:
        with pytest.raises(FleetError, match="--target: 'one' is not the ARM id of a VM"):
            target_from_id("one")

    def test_a_vm_name_that_can_not_name_a_file_is_made_one(self) -> None:
        assert target_from_id(f"{VMS}/_größe").name == "gr--e"
        assert target_from_id(f"{VMS}/_").name == "vm"

    def test_vms_of_one_name_are_told_apart(self) -> None:
        elsewhere = VMS.replace("images", "other")

        fleet = fleet_from_options([f"{VMS}/web", f"{elsewhere}/WEB", f"{elsewhere.replace('other', 'third')}/web"])

        assert [target.name for target in fleet.targets] == ["web", "WEB-2", "web-3"]

    def test_an_id_is_given_once(self) -> None:
        with pytest.raises(FleetError, match="is given twice"):
            fleet_from_options([f"{VMS}/web", f"{VMS}/WEB"])

    def test_options_name_disks_and_files_too(self) -> None:
        fleet = fleet_from_options([f"{VMS}/web", f"{DISKS}/web"], [Path("/images/web.vhdx"), Path("/images/WEB.VHDX")])
        assert [(item.name, item.kind) for item in fleet.targets] == [
            ("web", "vm"),
            ("web-2", "disk"),
            ("web-3", "file"),
            ("WEB-4", "file"),
        ]
        with pytest.raises(FleetError, match=r"--file: /images/web\.vhdx is given twice"):
            fleet_from_options([], [Path("/images/web.vhdx"), Path("/images/web.vhdx")])


WINDOWS = ONE + "    sysprep: {end: quit, mode: vm, run_as: 'CONTOSO\\builder', password_env: SEALPROOF_PASSWORD}\n"


class TestSysprep:
    def test_it_shuts_down_without_a_mode_and_as_whoever_the_channel_is(self, file: Path) -> None:
        (target,) = load(file, ONE).targets

        assert target.sysprep == SysprepOptions(end="shutdown", mode="default", run_as=None)
        assert (target.stall_minutes, target.require_supported_identity) == (10, False)

    def test_an_account_and_where_its_password_is(self, file: Path) -> None:
        (target,) = load(file, WINDOWS).targets

        assert (target.sysprep.end, target.sysprep.mode) == ("quit", "vm")
        assert (target.sysprep.run_as, target.sysprep.password_env) == ("CONTOSO\\builder", "SEALPROOF_PASSWORD")

    def test_a_password_s_file_is_beside_the_fleet_file_and_loses_its_line_end(self, file: Path) -> None:
        (file.parent / "secret").write_text("correct horse \r\n", encoding="utf-8")
        (target,) = load(file, ONE + "    sysprep: {run_as: builder, password_file: secret}\n").targets

        assert target.sysprep.password_file == file.parent / "secret"
        assert read_password(target.sysprep) == "correct horse "

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ("{end: reboot}", "Write 'shutdown' or 'quit'"),
            ("{unattend: a.xml}", "there is no such key"),
            ("{run_as: SYSTEM, password_env: A}", "it is SYSTEM, as which Run Command runs anyway"),
            ("{run_as: 'NT AUTHORITY\\SYSTEM', password_env: A}", "it is SYSTEM"),
            ("{run_as: 'a;b', password_env: A}", "is no account name"),
            ("{run_as: builder}", "never stands in this file"),
            ("{run_as: builder, password_env: A, password_file: b}", "and not both"),
            ("{password_env: A}", "says where a password is and no account"),
            ("{run_as: builder, password: CANARY}", "there is no such key"),
            ("{run_as: builder, password_env: 'CANARY horse'}", "it is no name of an environment variable"),
        ],
    )
    def test_a_mistake_is_told_and_no_password_is_repeated(self, file: Path, options: str, said: str) -> None:
        (line,) = refused(file, f"{ONE}    sysprep: {options}\n")

        assert line.startswith("5: targets[0].sysprep")
        assert said in line
        assert "CANARY" not in line

    def test_an_account_of_run_command_and_another_channel_are_refused(self, file: Path) -> None:
        (line,) = refused(file, WINDOWS + "    channel: winrm://builder@10.0.0.5\n")

        assert "has an account of its own" in line

    @pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff\xfe\xff"])
    def test_a_password_that_is_not_there_says_where_it_should_be(self, file: Path, content: bytes | None) -> None:
        if content is not None:
            (file.parent / "secret").write_bytes(content)
        (target,) = load(file, ONE + "    sysprep: {run_as: builder, password_file: secret}\n").targets

        with pytest.raises(StepError, match=r"the password of builder .* the file .*secret"):
            read_password(target.sysprep)


class TestDocs:
    """docs/fleet.md is the schema for people: it names every key, and no other, with its default."""

    def rows(self, heading: str) -> dict[str, str]:
        section = DOCS.read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
        # | `name` | meaning | default |
        return {row[1]: row[2] for row in re.finditer(r"^\| `(\w+)` \|.*\| ([^|]+) \|$", section, re.MULTILINE)}

    def test_every_key_of_a_target_is_described(self) -> None:
        assert set(self.rows("A target")) == set(Target.model_fields)

    def test_what_finds_vms_is_described(self) -> None:
        assert set(self.rows("VMs that Azure finds")) == set(Selector.model_fields) - set(Treatment.model_fields)

    def test_every_key_of_a_cloud_is_described(self) -> None:
        assert set(self.rows("A cloud")) == set(WayIn.model_fields)

    def test_every_key_of_sysprep_is_described(self) -> None:
        rows = self.rows("Sysprep")

        assert set(rows) == set(SysprepOptions.model_fields)
        assert {key: rows[key] for key in ("end", "mode")} == {"end": "`shutdown`", "mode": "`default`"}

    def test_every_key_of_the_top_is_described(self) -> None:
        assert set(self.rows("The top of the file")) == {"version", "defaults", "cloud", "targets"}

    def test_the_defaults_are_the_real_ones(self) -> None:
        rows = self.rows("A target")
        for key, field in Target.model_fields.items():
            told = rows[key].strip("`")
            if key in ONE_OF:
                assert told == "one of these four"
                continue
            if field.is_required():
                assert told == "required"
            elif isinstance(field.default, bool):
                assert told == ("off" if key == "cloud_init" else str(field.default).lower())
            elif isinstance(field.default, BaseModel):
                assert told == "see [below](#sysprep)"
            elif field.default is not None:
                assert told == ("[]" if field.default == () else str(field.default))

    def test_the_example_loads(self, file: Path) -> None:
        example = DOCS.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]

        linux, windows = load(file, example).targets

        assert linux.clean == ("machine-id", "passwd-backups", "sudoers")
        assert (linux.vm_id is None, windows.vm_id is None) == (False, True)
        assert (linux.deadline_minutes, windows.deadline_minutes) == (20, 60)

    def test_the_defaults_take_all_but_what_names_a_machine(self) -> None:
        assert set(Target.model_fields) - set(Treatment.model_fields) == {"name", "vm_id", *ONE_OF}

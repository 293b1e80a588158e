from __future__ import annotations

from typing import Any

import pytest

from checks.facts import Extension, Fact, Observation
from checks.healthy import azure_facts, linux_guest, observation
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("the probe was cut off")
MISSING: Fact[Any] = Fact.missing()
AMA = Extension("AzureMonitorLinuxAgent", "Microsoft.Azure.Monitor", "AzureMonitorLinuxAgent", "Succeeded")
MDE = Extension("MDE.Linux", "Microsoft.Azure.AzureDefenderForServers", "MDE.Linux", "Updating")
SCRIPT = Extension("script", "Microsoft.Azure.Extensions", "CustomScript", "Succeeded")
RUN_COMMAND = Extension("RunCommandLinux", "Microsoft.CPlat.Core", "RunCommandLinux", "Updating")
AMA_FOLDER = "Microsoft.Azure.Monitor.AzureMonitorLinuxAgent-1.33.1"
SCRIPT_FOLDER = "Microsoft.Azure.Extensions.CustomScript-2.1.10"
IDENTITY, OTHERS, REST = "LNX-EXTENSION-001", "LNX-EXTENSION-002", "LNX-EXTENSION-003"


def seen(listed: Any = (), folders: Any = (), busy: Any = ()) -> Observation:
    guest = linux_guest(extension_folders=folders, busy_extensions=busy)
    return observation(azure=azure_facts(extensions=listed), guest=guest)


CLAIMS = (
    clean(IDENTITY, "none", seen()),
    clean(IDENTITY, "others", seen((SCRIPT, RUN_COMMAND), (SCRIPT_FOLDER,))),
    dirty(IDENTITY, "listed", seen((AMA, MDE, SCRIPT)), "AzureMonitorLinuxAgent", "MDE.Linux"),
    dirty(IDENTITY, "on disk, the list not read", seen(UNREAD, (AMA_FOLDER,)), AMA_FOLDER),
    absent(IDENTITY, "no list, no folder", seen(MISSING, MISSING), "passed"),
    unknown(IDENTITY, "list not read", seen(UNREAD), "cut off"),
    unknown(IDENTITY, "folder not read", seen((), UNREAD), "cut off"),
    clean(OTHERS, "none but Run Command", seen((RUN_COMMAND,))),
    clean(OTHERS, "one that keeps an identity", seen((AMA,), (AMA_FOLDER,))),
    dirty(OTHERS, "a custom script", seen((SCRIPT,), (SCRIPT_FOLDER,)), "VM extension script", SCRIPT_FOLDER),
    absent(OTHERS, "no list, no folder", seen(MISSING, MISSING), "passed"),
    unknown(OTHERS, "list not read", seen(UNREAD), "cut off"),
    clean(REST, "all done, Run Command asks", seen((AMA, RUN_COMMAND))),
    dirty(REST, "the platform changes one", seen((AMA, MDE)), "Updating"),
    dirty(REST, "one is at work in the guest", seen(UNREAD, (), (SCRIPT_FOLDER,)), SCRIPT_FOLDER),
    absent(REST, "no list, no folder", seen(MISSING, MISSING, MISSING), "passed"),
    unknown(REST, "list not read", seen(UNREAD), "cut off"),
    unknown(REST, "status not read", seen((), (), UNREAD), "cut off"),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_extension(claim: Claim) -> None:
    claim.verify()

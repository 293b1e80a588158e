"""What the stopped disk of a Windows VM still has of the source VM: one table row for each answer of each rule."""

from __future__ import annotations

from typing import Any

import pytest

from checks.facts import DiskCertificate, DiskProfile, EventLog, Fact, LocalAccount, Observation, Policy
from checks.healthy import sealed_observation, windows_disk
from checks.healthy.windows_disk import DISK_TOPICS
from tests.checks.claims import Claim, absent, clean, dirty, unknown

UNREAD: Fact[Any] = Fact.unknown("the hive is damaged")
MISSING: Fact[Any] = Fact.missing()
NO_WISHES = Policy()
BUILDER = LocalAccount(1001, "builder", "enabled")
ACCOUNTS = (*DISK_TOPICS["accounts"]["local_accounts"], BUILDER)
ADMINISTRATOR = DiskProfile("S-1-5-21-1-2-3-500", r"C:\Users\azureuser")
PROFILE = DiskProfile("S-1-5-21-1-2-3-1001", r"C:\Users\builder")
OWN = DiskCertificate("5E" * 20, "other")


def disk(policy: Policy = NO_WISHES, /, **overrides: Any) -> Observation:
    return sealed_observation("windows", disk=windows_disk(**overrides), policy=policy)


def listed(check: str, fact: str, item: Any, *names: str) -> tuple[Claim, ...]:
    """Return the four claims of a rule that a list is empty; a list that was looked for and is not there passes."""
    return (
        clean(check, "nothing left", disk(**{fact: ()})),
        dirty(check, "something left", disk(**{fact: (item,)}), *names or (item,)),
        absent(check, "no such place", disk(**{fact: MISSING}), "passed"),
        unknown(check, "not read", disk(**{fact: UNREAD}), "damaged"),
    )


def flagged(check: str, fact: str, name: str) -> tuple[Claim, ...]:
    """Return the four claims of a rule that something every Windows says is no; without an answer nobody knows."""
    return (
        clean(check, "no", disk(**{fact: False})),
        dirty(check, "yes", disk(**{fact: True}), name),
        absent(check, "no answer", disk(**{fact: MISSING}), "undetermined"),
        unknown(check, "not read", disk(**{fact: UNREAD}), "damaged"),
    )


def counted(check: str, fact: str, *names: str) -> tuple[Claim, ...]:
    """Return the four claims of a rule that a count is 0."""
    return (
        clean(check, "none", disk(**{fact: 0})),
        dirty(check, "some", disk(**{fact: 3}), *names),
        absent(check, "no such place", disk(**{fact: MISSING}), "passed"),
        unknown(check, "not read", disk(**{fact: UNREAD}), "damaged"),
    )


SECRETS = (
    *listed("WIN-ANSWER-002", "answer_files_with_password", r"C:\unattend.xml"),
    *listed("WIN-ANSWER-003", "answer_files", r"C:\unattend.xml"),
    clean(
        "WIN-ANSWER-003",
        "the one with a password is told by the other rule",
        disk(answer_files=("C:\\unattend.xml",), answer_files_with_password=("C:\\unattend.xml",)),
    ),
    *counted("WIN-PANTHER-002", "panther_files", "3 names"),
    *listed("WIN-HISTORY-001", "shell_histories", r"C:\Users\ann\ConsoleHost_history.txt"),
    *listed("WIN-CREDENTIAL-001", "tool_credentials", r"C:\Users\ann\.azure"),
    *listed("WIN-CREDENTIAL-002", "stored_credentials", r"C:\Users\ann\AppData\Local\Microsoft\Credentials\5E"),
    *listed("WIN-SSH-001", "ssh_host_keys", r"C:\ProgramData\ssh\ssh_host_rsa_key"),
    *listed("WIN-SSH-002", "ssh_authorized_keys", r"C:\ProgramData\ssh\administrators_authorized_keys"),
    *listed("WIN-CUSTOMDATA-001", "custom_data", r"C:\AzureData\CustomData.bin"),
    *listed("WIN-EXTENSION-001", "protected_settings", r"C:\Packages\Plugins\X\1.0\RuntimeSettings\0.settings"),
)
LOGONS = (
    *flagged("WIN-LOGON-001", "automatic_logon", "AutoAdminLogon"),
    dirty("WIN-LOGON-001", "a password alone", disk(logon_password=True), "DefaultPassword"),
    dirty(
        "WIN-LOGON-001",
        "a password, the switch not read",
        disk(logon_password=True, automatic_logon=UNREAD),
        "DefaultPassword",
    ),
    unknown("WIN-LOGON-001", "the password not read", disk(logon_password=UNREAD), "damaged"),
    *flagged("WIN-LOGON-002", "logon_secret", "DefaultPassword"),
    clean("WIN-LOGON-003", "none", disk(cached_logons=0)),
    dirty("WIN-LOGON-003", "some", disk(cached_logons=2), "2 cached"),
    absent("WIN-LOGON-003", "no answer", disk(cached_logons=MISSING), "undetermined"),
    unknown("WIN-LOGON-003", "not read", disk(cached_logons=UNREAD), "damaged"),
    *flagged("WIN-LOGON-004", "machine_account", "$MACHINE.ACC"),
)
ACCOUNT = (
    clean("WIN-ACCOUNT-001", "Windows' own", disk()),
    clean("WIN-ACCOUNT-001", "one that may stay", disk(Policy(allow_accounts=("Builder",)), local_accounts=ACCOUNTS)),
    dirty("WIN-ACCOUNT-001", "one more", disk(local_accounts=ACCOUNTS), "RID 1001"),
    dirty("WIN-ACCOUNT-001", "disabled", disk(local_accounts=(LocalAccount(1002, "x", "disabled"),)), "x, disabled"),
    absent("WIN-ACCOUNT-001", "no accounts", disk(local_accounts=MISSING), "undetermined"),
    unknown("WIN-ACCOUNT-001", "not read", disk(local_accounts=UNREAD), "damaged"),
    clean("WIN-PROFILE-002", "the administrator's", disk()),
    clean(
        "WIN-PROFILE-002",
        "one that may stay",
        disk(
            Policy(allow_profiles=("Builder",)),
            profile_folders=("azureuser", "builder"),
            profiles=(ADMINISTRATOR, PROFILE),
        ),
    ),
    dirty("WIN-PROFILE-002", "a folder of nobody", disk(profile_folders=("azureuser", "old")), r"C:\Users\old"),
    dirty("WIN-PROFILE-002", "no folder any more", disk(profiles=(ADMINISTRATOR, PROFILE)), "without its folder"),
    dirty(
        "WIN-PROFILE-002",
        "both",
        disk(profile_folders=("azureuser", "builder"), profiles=(ADMINISTRATOR, PROFILE)),
        r"C:\Users\builder",
    ),
    absent("WIN-PROFILE-002", "no list", disk(profiles=MISSING), "undetermined"),
    unknown("WIN-PROFILE-002", "list not read", disk(profiles=UNREAD), "damaged"),
    unknown("WIN-PROFILE-002", "folder not read", disk(profile_folders=UNREAD), "damaged"),
)
ACCESS = (
    *listed("WIN-CERTIFICATE-001", "certificates", OWN, OWN.thumbprint),
    clean("WIN-CERTIFICATE-001", "Azure's own", disk(certificates=(DiskCertificate("A2" * 20, "azure"),))),
    clean(
        "WIN-CERTIFICATE-001", "one that may stay", disk(Policy(allow_certificates=("5e" * 20,)), certificates=(OWN,))
    ),
    clean("WIN-RDP-006", "none", disk()),
    dirty("WIN-RDP-006", "a value", disk(rdp_certificate="5E" * 20), "SSLCertificateSHA1Hash"),
    dirty("WIN-RDP-006", "in the store", disk(rdp_store=("5E" * 20,)), "Remote Desktop"),
    absent("WIN-RDP-006", "no value", disk(rdp_certificate=MISSING), "passed"),
    unknown("WIN-RDP-006", "value not read", disk(rdp_certificate=UNREAD), "damaged"),
    unknown("WIN-RDP-006", "store not read", disk(rdp_store=UNREAD), "damaged"),
    clean("WIN-WINRM-001", "neither", disk()),
    clean("WIN-WINRM-001", "passwords over HTTPS", disk(winrm_basic=1)),
    dirty("WIN-WINRM-001", "both", disk(winrm_basic=1, winrm_unencrypted=1), "WSMAN"),
    absent("WIN-WINRM-001", "no answer", disk(winrm_basic=MISSING), "undetermined"),
    unknown("WIN-WINRM-001", "not read", disk(winrm_basic=1, winrm_unencrypted=UNREAD), "damaged"),
    *listed("WIN-WINRM-002", "winrm_https", "*+HTTPS"),
    *listed("WIN-WINRM-003", "winrm_rules", "{5EA1F001}"),
)
PROGRAMS = (
    *listed("WIN-TASK-001", "scheduled_tasks", r"\Contoso\Report"),
    clean(
        "WIN-TASK-001",
        "one that may stay",
        disk(Policy(allow_tasks=(r"\contoso\report",)), scheduled_tasks=(r"\Contoso\Report",)),
    ),
    *listed("WIN-STARTUP-001", "startup_programs", "RunOnce, build"),
    *listed("WIN-SETUPSCRIPT-001", "setup_scripts", r"C:\Windows\OEM\SetupComplete2.cmd"),
    *listed("WIN-AVD-002", "virtual_desktop_agents", "RDInfraAgent"),
    *listed("WIN-IDENTITY-002", "agents_with_identity", "Azure Arc"),
    clean("WIN-AGENT-004", "both", disk()),
    dirty("WIN-AGENT-004", "one", disk(agent_services=("RdAgent",)), "WindowsAzureGuestAgent"),
    absent("WIN-AGENT-004", "none", disk(agent_services=MISSING), "warned", "RdAgent", "WindowsAzureGuestAgent"),
    unknown("WIN-AGENT-004", "not read", disk(agent_services=UNREAD), "damaged"),
)
LEFTOVERS = (
    *listed("WIN-MEMORY-001", "memory_files", r"C:\pagefile.sys"),
    *listed("WIN-EVENTLOG-002", "event_logs", EventLog("Security", 1_118_208), "Security (1,118,208 bytes)"),
    *counted("WIN-LEFTOVER-001", "shadow_copies", "3 shadow copies"),
    dirty("WIN-LEFTOVER-001", "deleted files", disk(recycled=2), "2 deleted files"),
    dirty("WIN-LEFTOVER-001", "an old Windows", disk(old_windows=(r"C:\Windows.old",)), "Windows.old"),
    dirty("WIN-LEFTOVER-001", "downloads, the rest not read", disk(downloaded_updates=1, recycled=UNREAD), "Download"),
    *counted("WIN-LEFTOVER-002", "temporary_files", "3 names"),
    *listed("WIN-TRACE-001", "run_command_files", r"C:\Packages\Plugins\Downloads\script0.ps1"),
    dirty("WIN-TRACE-001", "logs", disk(agent_logs=(r"C:\WindowsAzure\Logs",)), r"C:\WindowsAzure\Logs"),
    dirty("WIN-TRACE-001", "a script", disk(build_scripts=(r"C:\DeprovisioningScript.ps1",)), "Deprovisioning"),
    dirty("WIN-TRACE-001", "several files", disk(run_command_files=("a", "b", "c")), "and 2 more"),
    unknown("WIN-TRACE-001", "logs not read", disk(agent_logs=UNREAD), "damaged"),
)
CLAIMS = (*SECRETS, *LOGONS, *ACCOUNT, *ACCESS, *PROGRAMS, *LEFTOVERS)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_disk_residue(claim: Claim) -> None:
    claim.verify()

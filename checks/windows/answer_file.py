"""What earlier set-ups left for Sysprep and Windows Setup: answer files, and the folder Panther."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import WindowsDisk, WindowsGuest
from checks.parts import each_there

_GENERALIZE = "https://learn.microsoft.com/azure/virtual-machines/generalize"


@check(
    "WIN-ANSWER-001",
    "no answer file is left that Sysprep would apply",
    phase="pre",
    platform="windows",
    severity="blocker",
    remedied_by="prepare",
    why="Sysprep and Windows Setup apply an answer file that they find without a word. Every machine made from the "
    "image then gets settings, accounts or passwords that were meant for the source VM.",
    fix=r"Delete the file; where HKLM:\SYSTEM\Setup names one, its value UnattendFile as well: Remove-ItemProperty "
    r"-LiteralPath HKLM:\SYSTEM\Setup -Name UnattendFile",
    source="https://learn.microsoft.com/windows-hardware/manufacture/desktop/windows-setup-automation-overview",
    grade="D",
)
def check_answer_file_absent(guest: WindowsGuest) -> list[Problem]:
    secrets = guest.answer_files_with_password
    told = set(secrets.value_or(())) if secrets.known else set()
    return [
        problem(
            observed="an answer file with a password in it" if path in told else "an answer file",
            expected="none",
            where=path,
        )
        for path in guest.answer_files.value_or(())
    ]


@check(
    "WIN-ANSWER-004",
    "no answer file that Sysprep does not look for holds a password",
    phase="pre",
    platform="windows",
    severity="blocker",
    why="Build tools leave such files, Packer in C:\\Windows\\Temp. Nothing removes them, so the password goes into "
    "the image, as text or in Base64, which hides nothing; the stopped disk fails for it, after the step.",
    fix="Delete the file and change the password.",
    source="https://learn.microsoft.com/windows-hardware/manufacture/desktop/windows-setup-automation-overview, and a "
    "community check of images",
    grade="C",
)
def check_answer_password_absent(guest: WindowsGuest) -> list[Problem]:
    judged = {path.casefold() for path in guest.answer_files.value_or(())}
    return [
        problem(observed="an answer file with a password in it", expected="none", where=path)
        for path in guest.answer_files_with_password.value_or(())
        if path.casefold() not in judged
    ]


@check(
    "WIN-PANTHER-001",
    "no logs or cached answer file of an earlier Sysprep are left",
    phase="pre",
    platform="windows",
    severity="blocker",
    remedied_by="prepare",
    why="Sysprep finds the answer file that is cached there and applies it again, and its old logs hide what the next "
    "run says. Microsoft has the folder deleted before a VM is generalized.",
    fix=r"Remove-Item -LiteralPath C:\Windows\Panther -Recurse -Force",
    source=_GENERALIZE,
    grade="D",
)
def check_panther_folder_absent(guest: WindowsGuest) -> list[Problem]:
    if guest.panther_folder.absent or not guest.panther_folder.value:
        return []
    return [problem(observed="the folder exists", expected="no such folder", where=r"C:\Windows\Panther")]


@check(
    "WIN-ANSWER-002",
    "no answer file with a password is in the image",
    phase="post",
    platform="windows",
    severity="blocker",
    why="Whoever gets the image can read it: the password is there as text, or in Base64, which hides nothing.",
    fix="Delete the file in the source VM and change the password; then seal again, unless the VM was generalized.",
    source="https://learn.microsoft.com/windows-hardware/manufacture/desktop/windows-setup-automation-overview, and a "
    "community check of images",
    grade="C",
)
def check_answer_password_gone(disk: WindowsDisk) -> list[Problem]:
    return each_there(disk.secrets.answer_files_with_password, "an answer file with a password in it")


@check(
    "WIN-ANSWER-003",
    "no answer file is in the image",
    phase="post",
    platform="windows",
    severity="warning",
    why="Setup applies a cached answer file to every machine made from the image: settings that were meant for the "
    "source VM.",
    fix="Delete the file in the source VM, and seal again unless the VM was generalized.",
    source="https://learn.microsoft.com/windows-hardware/manufacture/desktop/windows-setup-automation-overview",
    grade="D",
)
def check_answer_file_gone(disk: WindowsDisk) -> list[Problem]:
    secrets = disk.secrets.answer_files_with_password
    told = set(secrets.value_or(())) if secrets.known else set()
    found = each_there(disk.secrets.answer_files, "an answer file")
    return [item for item in found if item.where not in told]


@check(
    "WIN-PANTHER-002",
    "no log of an earlier set-up is in Windows' folder Panther",
    phase="post",
    platform="windows",
    severity="info",
    why="The logs tell of the source VM. Sysprep's own are in another folder; Microsoft has this one deleted before"
    " a VM is generalized.",
    fix=r"Remove-Item -LiteralPath C:\Windows\Panther -Recurse -Force, before Sysprep runs.",
    source="https://learn.microsoft.com/azure/virtual-machines/generalize",
    grade="D",
)
def check_panther_folder_empty(disk: WindowsDisk) -> list[Problem]:
    count = disk.leftovers.panther_files.value_or(0)
    return [problem(observed=f"{count} names", expected="none", where=r"C:\Windows\Panther")] if count else []

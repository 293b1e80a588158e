"""Secrets that a Windows image keeps in files: histories, credentials, keys, custom data."""

from __future__ import annotations

from checks.catalogue import Problem, check
from checks.facts import WindowsDisk
from checks.parts import each_there


@check(
    "WIN-HISTORY-001",
    "no history or transcript of PowerShell is left",
    phase="post",
    platform="windows",
    severity="blocker",
    why="Commands that people typed hold passwords, tokens and host names. Sysprep does not touch them.",
    fix="Remove-Item (Get-PSReadLineOption).HistorySavePath for each account, and the transcripts; then seal again.",
    source="our own inference: what was typed may be a secret; "
    "https://learn.microsoft.com/powershell/module/psreadline/about/about_psreadline",
    grade="X",
)
def check_histories_gone(disk: WindowsDisk) -> list[Problem]:
    return each_there(disk.secrets.shell_histories, "it is not empty", "no such file, or an empty one")


@check(
    "WIN-CREDENTIAL-001",
    "no credential of a command-line tool is left",
    phase="post",
    platform="windows",
    severity="blocker",
    why="Tokens and keys of Azure, AWS, Kubernetes, Docker, Git or SSH open what the builder could open, for "
    "whoever gets the image.",
    fix="Sign out of the tools (az logout, docker logout, ...) and delete the folders; revoke what was in an image;"
    " then seal again.",
    source="our own inference: what signs the builder in is a secret; where these tools keep it is recalled",
    grade="X",
)
def check_tool_credentials_gone(disk: WindowsDisk) -> list[Problem]:
    return each_there(disk.secrets.tool_credentials, "it holds something", "no such file or folder")


@check(
    "WIN-CREDENTIAL-002",
    "no saved credential or private key of a user is left",
    phase="post",
    platform="windows",
    severity="warning",
    why="They are encrypted for the user's password, which may be known or weak, and which is in the image as a hash.",
    fix="Delete the profile, or cmdkey /delete:NAME for each that cmdkey /list shows; then seal again.",
    source="recalled: where Windows keeps them",
    grade="R",
)
def check_stored_credentials_gone(disk: WindowsDisk) -> list[Problem]:
    return each_there(disk.secrets.stored_credentials, "a saved credential or key")


@check(
    "WIN-SSH-001",
    "no SSH host key is left",
    phase="post",
    platform="windows",
    severity="blocker",
    why="Whoever gets the image gets the private keys, and can pose as any machine made from it: sshd makes new "
    "ones only where there are none.",
    fix=r"Stop-Service sshd; Remove-Item C:\ProgramData\ssh\ssh_host_*; then seal again, unless the VM was "
    "generalized.",
    source="https://learn.microsoft.com/windows-server/administration/openssh/openssh-server-configuration",
    grade="D",
)
def check_ssh_host_keys_gone(disk: WindowsDisk) -> list[Problem]:
    return each_there(disk.secrets.ssh_host_keys, "a host key")


@check(
    "WIN-SSH-002",
    "no key may sign in by SSH",
    phase="post",
    platform="windows",
    severity="warning",
    why="Whoever has the private key can get into every machine made from the image.",
    fix="Delete the file, where that is not meant; then seal again, unless the VM was generalized.",
    source="https://learn.microsoft.com/windows-server/administration/openssh/openssh_keymanagement",
    grade="D",
)
def check_ssh_authorized_keys_gone(disk: WindowsDisk) -> list[Problem]:
    return each_there(disk.secrets.ssh_authorized_keys, "it names keys")


@check(
    "WIN-CUSTOMDATA-001",
    "no custom data of the source VM is left",
    phase="post",
    platform="windows",
    severity="blocker",
    why="Custom data often holds secrets, and Windows keeps it as a plain file.",
    fix=r"Remove-Item C:\AzureData\CustomData.bin; then seal again, unless the VM was generalized.",
    source="https://learn.microsoft.com/azure/virtual-machines/custom-data",
    grade="D",
)
def check_custom_data_gone(disk: WindowsDisk) -> list[Problem]:
    return each_there(disk.secrets.custom_data, "custom data of the source VM")


@check(
    "WIN-EXTENSION-001",
    "no extension left protected settings of the source VM",
    phase="post",
    platform="windows",
    severity="blocker",
    why="Protected settings are secrets. They are encrypted for a certificate whose private key may be on the same "
    "disk.",
    fix=r"az vm extension delete for each extension before the VM is sealed, and delete C:\Packages\Plugins\NAME; "
    "then seal again.",
    source="our own inference: protected settings are secrets; "
    "https://learn.microsoft.com/azure/virtual-machines/extensions/features-windows",
    grade="X",
)
def check_protected_settings_gone(disk: WindowsDisk) -> list[Problem]:
    return each_there(disk.secrets.protected_settings, "it has protected settings", "none")

"""How machines made from a Windows image are reached, and what they are known by."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import Policy, WindowsDisk
from checks.parts import problems_of

_WSMAN = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WSMAN"


@check(
    "WIN-CERTIFICATE-001",
    "no certificate of the source VM is left in the machine's store",
    phase="post",
    platform="windows",
    severity="warning",
    why="All machines made from the image share it, and its private key with whoever gets the image.",
    fix=r"Get-ChildItem Cert:\LocalMachine\My | Remove-Item -DeleteKey in the source VM, and seal again; or name its"
    " thumbprint in allow_certificates in the fleet file.",
    source="https://learn.microsoft.com/azure/virtual-machines/extensions/agent-windows (which certificates the agent "
    "installs)",
    grade="D",
)
def check_certificates_gone(disk: WindowsDisk, policy: Policy) -> list[Problem]:
    allowed = {thumbprint.upper() for thumbprint in policy.allow_certificates}
    return [
        problem(observed="a certificate", expected="none", where=rf"Cert:\LocalMachine\My\{item.thumbprint}")
        for item in disk.access.certificates.value_or(())
        if item.made_by != "azure" and item.thumbprint not in allowed
    ]


@check(
    "WIN-RDP-006",
    "Remote Desktop keeps no certificate of the source VM",
    phase="post",
    platform="windows",
    severity="warning",
    why="Machines made from the image would all show it to whoever connects, and share its key.",
    fix=r"Remove the value SSLCertificateSHA1Hash of HKLM:\SYSTEM\CurrentControlSet\Control\Terminal "
    r"Server\WinStations\RDP-Tcp, and what is in Cert:\LocalMachine\Remote Desktop; then seal again.",
    source="https://learn.microsoft.com/azure/virtual-machines/windows/prepare-for-upload-vhd-image",
    grade="D",
)
def check_rdp_certificate_gone(disk: WindowsDisk) -> list[Problem]:
    return problems_of(
        lambda: _rdp(disk),
        lambda: [
            problem(observed="a certificate", expected="none", where=rf"Cert:\LocalMachine\Remote Desktop\{thumbprint}")
            for thumbprint in disk.access.rdp_store.value_or(())
        ],
    )


@check(
    "WIN-WINRM-001",
    "WinRM does not take passwords over an unencrypted connection",
    phase="post",
    platform="windows",
    severity="blocker",
    why="Builders switch it on for themselves. On every machine made from the image, passwords then travel as text.",
    fix=r"Set-Item WSMan:\localhost\Service\AllowUnencrypted $false; Set-Item WSMan:\localhost\Service\Auth\Basic "
    "$false; then seal again.",
    source="community record of templates; recalled: where WinRM keeps it; "
    "https://learn.microsoft.com/windows/win32/winrm/installation-and-configuration-for-windows-remote-management",
    grade="C",
)
def check_winrm_encrypted(disk: WindowsDisk) -> list[Problem]:
    if not disk.access.winrm_basic.value or not disk.access.winrm_unencrypted.value:
        return []
    seen = "auth_basic and allow_unencrypted are on"
    return [problem(observed=seen, expected="one of them at most", where=rf"{_WSMAN}\Service")]


@check(
    "WIN-WINRM-002",
    "WinRM has no HTTPS listener of the source VM",
    phase="post",
    platform="windows",
    severity="warning",
    why="A listener has the certificate of the source VM: machines made from the image share it, or can't open the "
    "listener.",
    fix="winrm delete winrm/config/Listener?Address=*+Transport=HTTPS; then seal again, unless the VM was generalized.",
    source="recalled: where WinRM keeps it",
    grade="R",
)
def check_winrm_listeners_gone(disk: WindowsDisk) -> list[Problem]:
    return [
        problem(observed="a listener", expected="none", where=rf"{_WSMAN}\Listener\{name}")
        for name in disk.access.winrm_https.value_or(())
    ]


@check(
    "WIN-WINRM-003",
    "the firewall lets nobody reach WinRM from a public network",
    phase="post",
    platform="windows",
    severity="warning",
    why="Builders open the ports for themselves. Machines made from the image are open to the networks that they "
    "stand in.",
    fix="Remove-NetFirewallRule -Name NAME in the source VM, and seal again unless the VM was generalized.",
    source="community record of templates",
    grade="C",
)
def check_winrm_rules_gone(disk: WindowsDisk) -> list[Problem]:
    return [
        problem(observed="open for any address", expected="no such rule", where=f"firewall rule {name}")
        for name in disk.access.winrm_rules.value_or(())
    ]


def _rdp(disk: WindowsDisk) -> list[Problem]:
    if disk.access.rdp_certificate.absent or not disk.access.rdp_certificate.value:
        return []
    where = r"SYSTEM hive, Control\Terminal Server\WinStations\RDP-Tcp, SSLCertificateSHA1Hash"
    return [problem(observed=disk.access.rdp_certificate.value, expected="no value", where=where)]

"""Agents that protect or enrol one machine: what they keep of it should not be in an image."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import WindowsGuest

_GOLDEN = "https://learn.microsoft.com/azure/virtual-desktop/set-up-golden-image"
_SENSE = "https://github.com/actions/runner-images/issues/9659"
_ONBOARDING = r"HKLM\SOFTWARE\Microsoft\Windows Advanced Threat Protection\Status, OnboardingState"
_TAMPER = r"HKLM\SOFTWARE\Microsoft\Windows Defender\Features, TamperProtection"
_ONBOARDED = 1
_PROTECTED = (1, 5)


@check(
    "WIN-DEFENDER-001",
    "the machine is not onboarded to Defender for Endpoint",
    phase="pre",
    platform="windows",
    severity="warning",
    why="Onboarding gives the machine an identity at the service. Machines made from the image share it, or Sysprep "
    "fails to delete it.",
    fix="Offboard the machine with the script from the Defender portal, and onboard the machines made from the image.",
    source=_SENSE,
    grade="I",
)
def check_defender_offboarded(guest: WindowsGuest) -> list[Problem]:
    if not _onboarded(guest):
        return []
    return [problem(observed="onboarded", expected="not onboarded", where=_ONBOARDING)]


@check(
    "WIN-DEFENDER-002",
    "tamper protection does not guard what Sysprep has to delete",
    phase="pre",
    platform="windows",
    severity="blocker",
    why="Sysprep deletes the identity of an onboarded machine. Tamper protection refuses it, and Sysprep stops with "
    "0x80070005.",
    fix="Offboard the machine with the script from the Defender portal, or let the portal switch tamper protection off "
    "for it first.",
    source=_SENSE,
    grade="I",
)
def check_defender_deletable(guest: WindowsGuest) -> list[Problem]:
    if not _onboarded(guest) or guest.security_agents.tamper_protection.value_or(0) not in _PROTECTED:
        return []
    return [problem(observed="onboarded and tamper protected", expected="one of the two at most", where=_TAMPER)]


@check(
    "WIN-ANTIVIRUS-001",
    "no other vendor's antivirus is active",
    phase="pre",
    platform="windows",
    severity="warning",
    why="These products give each machine an identity, and guard files and keys that Sysprep changes. Most vendors "
    "have a procedure of their own for images.",
    fix="Follow the vendor's procedure for golden images, or uninstall the product and deploy it to the new machines.",
    source=_GOLDEN,
    grade="D",
)
def check_antivirus_prepared(guest: WindowsGuest) -> list[Problem]:
    return [
        problem(observed="installed", expected="disabled, or prepared as its vendor says", where=name)
        for name in guest.security_agents.antivirus_products.value_or(())
    ]


@check(
    "WIN-AVD-001",
    "no Azure Virtual Desktop agent is installed",
    phase="pre",
    platform="windows",
    severity="blocker",
    why="The agent is registered with a host pool. Machines made from an image with it can't join one.",
    fix="Build the image from a VM that was never in a host pool, or uninstall the agent and its boot loader.",
    source=_GOLDEN,
    grade="D",
)
def check_virtual_desktop_agent_absent(guest: WindowsGuest) -> list[Problem]:
    return [
        problem(observed="installed", expected="no agent of a host pool", where=name)
        for name in guest.security_agents.virtual_desktop_agents.value_or(())
    ]


@check(
    "WIN-IDENTITY-001",
    "no management agent keeps this machine's identity",
    phase="pre",
    platform="windows",
    severity="warning",
    why="Sysprep does not know these agents. Each machine made from the image reports to their server as this one.",
    fix="Disconnect the agent and delete its keys or its identity file (SMSCFG.ini and the SMS certificates, azcmagent "
    "disconnect, the certificates of Puppet, Chef or Salt), or uninstall it.",
    source="recalled: where these agents keep their identity",
    grade="R",
)
def check_agent_identity_absent(guest: WindowsGuest) -> list[Problem]:
    return [
        problem(observed="an identity of this machine", expected="none", where=name)
        for name in guest.security_agents.agents_with_identity.value_or(())
    ]


def _onboarded(guest: WindowsGuest) -> bool:
    return guest.security_agents.defender_onboarding.value_or(0) == _ONBOARDED

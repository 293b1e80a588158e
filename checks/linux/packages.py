"""Packages of a Linux guest: nothing at work, nothing half done, no source that works only here."""

from __future__ import annotations

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxGuest


@check(
    "LNX-PACKAGES-001",
    "no package manager is at work",
    phase="pre",
    platform="linux",
    severity="blocker",
    why="Deprovisioning powers the machine off. A package that is being installed then is half there in every clone: "
    "a kernel without its initramfs, a service without its configuration.",
    fix="Wait until it has finished, and look again. So that it does not begin anew: systemctl stop apt-daily.timer "
    "apt-daily-upgrade.timer (dnf-automatic.timer on Red Hat).",
    source="our own inference from how package managers work; half-installed packages are seen by dpkg --audit",
    grade="X",
)
def check_packages_at_rest(guest: LinuxGuest) -> list[Problem]:
    return [
        problem(observed="it runs", expected="no package manager at work", where=name)
        for name in guest.packages.package_work.value_or(())
    ]


@check(
    "LNX-PACKAGES-002",
    "no package is half installed",
    phase="pre",
    platform="linux",
    severity="warning",
    why="Every clone has the same broken package, and its next update stops there.",
    fix="dpkg --audit names them; dpkg --configure -a and apt-get -f install finish them.",
    source="https://manpages.debian.org/dpkg, and our own inference",
    grade="X",
)
def check_packages_complete(guest: LinuxGuest) -> list[Problem]:
    count = guest.packages.broken_packages.value_or(0)
    return [problem(observed=f"{count} package(s)", expected="none", where="dpkg --audit")] if count else []


_FAULTS = {
    "credentials": "an address or a line with a password",
    "private": "an address of a private network",
}


@check(
    "LNX-REPO-001",
    "package sources hold no credentials and no private address",
    phase="pre",
    platform="linux",
    severity="warning",
    why="A password in the image is everybody's who gets it. A mirror that exists only where the image was built makes "
    "every clone's updates fail.",
    fix="Name public or Azure's own sources in the file; deliver credentials with custom data or a key vault.",
    source="our own inference; https://github.com/microsoft/lisa (azure_image_standard.py) wants known ones",
    grade="X",
)
def check_packages_sources_public(guest: LinuxGuest) -> list[Problem]:
    return [
        problem(observed=_FAULTS[item.fault], expected="public sources without passwords", where=item.path)
        for item in guest.packages.repository_faults.value_or(())
    ]

"""The release of the distribution."""

from __future__ import annotations

from collections.abc import Mapping

from checks.catalogue import Problem, check, problem
from checks.facts import LinuxGuest

_ENDED: Mapping[str, tuple[str, ...]] = {
    "centos": ("6", "7", "8"),
    "debian": ("7", "8", "9", "10"),
    "fedora": tuple(str(number) for number in range(20, 41)),
    "mariner": ("1.0", "2.0"),
    "ol": ("6", "7"),
    "opensuse-leap": ("15.0", "15.1", "15.2", "15.3", "15.4", "15.5"),
    "rhel": ("5", "6", "7"),
    "sles": ("11", "12"),
    "ubuntu": ("12.04", "14.04", "16.04", "18.04", "20.04", "22.10", "23.04", "23.10", "24.10"),
}
"""Releases whose ordinary support has ended when this was written, by os-release's ID: a major number stands for all
its minor ones."""


@check(
    "LNX-DISTRO-001",
    "the distribution's release is supported by its vendor",
    phase="pre",
    platform="linux",
    severity="warning",
    why="Flaws are no longer fixed without a paid extension, in an image that lives for years; and the agent and the "
    "extensions stop being tested with it.",
    fix="Build the image on a later release, or have the vendor's extended support on all clones.",
    source="the vendors' published dates, recalled; "
    "https://learn.microsoft.com/azure/virtual-machines/linux/endorsed-distros",
    grade="R",
)
def check_distribution_supported(guest: LinuxGuest) -> list[Problem]:
    if guest.distribution.absent:
        return []
    ended = _ENDED.get(guest.distribution.value, ())
    version = guest.distribution_version.value_or("")
    if not any(version == release or version.startswith(f"{release}.") for release in ended):
        return []
    seen = f"{guest.distribution.value} {version}"
    return [problem(observed=seen, expected="a release with ordinary support", where="os-release")]

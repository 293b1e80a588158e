"""Which Windows a guest runs, for rules of one edition or version."""

from __future__ import annotations

from checks.facts import Fact, UnknownFact, WindowsGuest

WINDOWS_11 = 22000
"""The first build of Windows 11."""


def build_number(build: Fact[str]) -> int:
    """Return 20348 of `20348.2849`: the build, without how far it is updated. Raises `UnknownFact` for other text."""
    number = build.value.partition(".")[0]
    if not (number.isascii() and number.isdigit()):
        raise UnknownFact(f"the build of Windows is {build.value!r}, which starts with no number")
    return int(number)


def is_client(guest: WindowsGuest) -> bool:
    """Return whether it is a client edition (Windows 10, 11), not a server."""
    return guest.product_type.value == 1


def is_server(guest: WindowsGuest) -> bool:
    """Return whether it is a server, a domain controller too."""
    return not is_client(guest)

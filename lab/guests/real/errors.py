"""What can go wrong with a real guest."""

from __future__ import annotations

from runners.errors import SealproofError, UsageError


class RealGuestError(SealproofError):
    """A real guest could not be built, started or asked. The text says what was done, what was seen, what to do."""


class MissingTools(RealGuestError, UsageError):  # noqa: N818 - it names what the user has to mend
    """This host lacks programs that a real guest needs. The text names Debian's packages."""


class AgentSilent(RealGuestError):  # noqa: N818 - a state of the machine that callers ask about, as often as an error
    """The guest agent gave no answer in time, or its machine is off."""

"""The real guest: a Debian VM under QEMU, with the real Azure agent."""

from lab.guests.real.errors import AgentSilent, MissingTools, RealGuestError
from lab.guests.real.guest import RealGuest

__all__ = ["AgentSilent", "MissingTools", "RealGuest", "RealGuestError"]

"""Programs that protect or enrol one machine (probe `security_agents`)."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.fact import Fact


@dataclass(frozen=True, slots=True)
class SecurityAgents:
    """Agents that an image should not carry with their state."""

    defender_onboarding: Fact[int]
    """`OnboardingState` of Defender for Endpoint: 1 onboarded."""
    tamper_protection: Fact[int]
    """Of Microsoft Defender: 1 and 5 on, 0 and 4 off."""
    antivirus_products: Fact[tuple[str, ...]]
    """Names of products other than Microsoft's own."""
    virtual_desktop_agents: Fact[tuple[str, ...]]
    """Those of RDAgentBootLoader and RDInfraAgent that are there."""
    agents_with_identity: Fact[tuple[str, ...]]
    """Names of management agents that keep an identity of this machine."""

"""What no step removes of a Linux guest, and for which its stopped disk will be refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from checks.facts.fact import Fact

Kind = Literal[
    "registrations",
    "domain_accounts",
    "onboardings",
    "peer_keys",
    "cluster_keys",
    "memory_dumps",
    "installer_hashes",
    "host_keys_elsewhere",
    "pinned_secrets",
]
"""The fact of the stopped disk that will have the file."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One of them."""

    kind: Kind
    path: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What is there before the step, of each kind the first fifty."""

    kept_files: Fact[tuple[KeptFile, ...]]

"""The way in: which Azure Resource Manager a run is to talk to, as a person says it by option or in the fleet file."""

from __future__ import annotations

import hashlib
import re
import ssl
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from runners.errors import UsageError

# localhost:8443, management.example.org, [::1]:8443
_PLACE = re.compile(r"(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")


class WayIn(BaseModel):
    """What may be said of the way in. All that is left out is Azure's public cloud and its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    arm_endpoint: str | None = Field(None, description="base URL of Azure Resource Manager")
    authority: str | None = Field(None, description="base URL of the token authority")
    ca: Annotated[Path, Field(strict=False)] | None = Field(None, description="certificates to trust, a PEM file")

    @field_validator("arm_endpoint")
    @classmethod
    def _endpoint_is_a_host(cls, value: str | None) -> str | None:
        if value is None:
            return None
        url = https_url(value)
        if urlsplit(url).path:
            raise ValueError(f"{value[:200]!r} has a path. Write the base URL alone, such as https://localhost:8443")
        return url

    @field_validator("authority")
    @classmethod
    def _authority_is_a_url(cls, value: str | None) -> str | None:
        return None if value is None else https_url(value)

    def overridden_by(self, other: WayIn) -> WayIn:
        """Return this way in with what `other` says. Another endpoint sets all of this aside: it is another cloud."""
        if other.arm_endpoint:
            return other
        return WayIn(
            arm_endpoint=self.arm_endpoint, authority=other.authority or self.authority, ca=other.ca or self.ca
        )

    def ca_digest(self) -> str:
        """Return the SHA-256, in hex, of the certificates to trust; empty where the public authorities are trusted.

        Raises `UsageError` where the file holds no certificate.
        """
        if self.ca is None:
            return ""
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(self.ca)
            return hashlib.sha256(self.ca.read_bytes()).hexdigest()
        except ssl.SSLError as error:
            seen = error.reason or "no certificate was found"
        except OSError as error:
            seen = error.strerror or type(error).__name__
        raise UsageError(
            f"the certificates to trust could not be read from {self.ca}: {seen}. Give a PEM file with --ca, or as "
            "`cloud.ca` in the fleet file."
        )


def https_url(text: str) -> str:
    """Return an https URL in its plain form: lower-case host, no default port, no slash at its end.

    Raises `ValueError` for anything else. What may hold a password is not repeated.
    """
    if "@" in text:
        raise ValueError(
            "it holds an @, so perhaps a password. Write the URL without; credentials are never part of it"
        )
    try:
        parts = urlsplit(text)
        place = parts.netloc.lower() if parts.port != 0 else ""
    except ValueError:
        parts, place = urlsplit(""), ""
    plain = text.isascii() and text.isprintable() and not set(text) & set(" \\?#")
    if parts.scheme != "https" or not plain or not _PLACE.fullmatch(place):
        raise ValueError(f"{text[:200]!r} is no https URL, such as https://localhost:8443. Nothing else is spoken")
    return f"https://{place.removesuffix(':443')}{parts.path.rstrip('/')}"

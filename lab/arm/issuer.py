"""An issuer of signed tokens (JWT), as OpenID Connect has them: it signs, publishes its keys, and checks."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Literal

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

Algorithm = Literal["RS256", "ES256"]


class Issuer:
    """An issuer with one key, made when it is first needed: an RSA key takes some 60 ms, an elliptic one none."""

    def __init__(self, url: str, algorithm: Algorithm) -> None:
        self.url = url
        self.algorithm = algorithm
        self._one_at_a_time = threading.Lock()
        self._made: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | None = None

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return a token with `claims` and this issuer's `iss`."""
        body = {"iss": self.url, **claims}
        return jwt.encode(body, self._key(), algorithm=self.algorithm, headers={"kid": self._key_id})

    def claims(self, token: str, audience: str | None = None) -> dict[str, Any]:
        """Return the claims of a token of this issuer. Raises PyJWT's `InvalidTokenError`, one kind for each reason.

        Checked are the signature, the issuer, the time, and `audience` where it is given.
        """
        found: dict[str, Any] = jwt.decode(
            token,
            self._key().public_key(),
            algorithms=[self.algorithm],
            issuer=self.url,
            audience=audience,
            options={"require": ["exp", "aud"], "verify_aud": audience is not None},
        )
        return found

    def keys(self) -> dict[str, Any]:
        """Return the public keys as a JSON Web Key Set."""
        public = self._key().public_key()
        key: dict[str, Any] = (
            RSAAlgorithm.to_jwk(public, as_dict=True)
            if isinstance(public, rsa.RSAPublicKey)
            else ECAlgorithm.to_jwk(public, as_dict=True)
        )
        key.pop("key_ops", None)
        return {"keys": [key | {"kid": self._key_id, "use": "sig", "alg": self.algorithm}]}

    @property
    def _key_id(self) -> str:
        return f"lab-{self.algorithm}"

    def _key(self) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
        with self._one_at_a_time:
            if self._made is None:
                self._made = (
                    rsa.generate_private_key(public_exponent=65537, key_size=2048)
                    if self.algorithm == "RS256"
                    else ec.generate_private_key(ec.SECP256R1())
                )
            return self._made

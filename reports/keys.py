"""Keys that sign evidence: ECDSA on P-256, which openssl, cosign, Packer and Azure Key Vault all know."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from securesystemslib.signer import CryptoSigner, SSlibKey

from reports.errors import KeyFileError

_FROM_ENVIRONMENT = "env:"
_HOW = "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem makes one"


def load_signer(place: str) -> CryptoSigner:
    """Return what signs with the private key at `place`: a PEM file, or `env:NAME` for an environment variable.

    Raises `KeyFileError`, which never holds any of the key.
    """
    data = _content(place)
    try:
        key = load_pem_private_key(data, password=None)
    except TypeError:
        raise KeyFileError(
            f"{place}: the key is encrypted, and nobody can be asked for its passphrase. Give it decrypted, from a "
            "vault, as env:NAME."
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise KeyFileError(f"{place}: it is no private key in PEM form. {_HOW}.") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise KeyFileError(f"{place}: it is no key on the curve P-256, and no other signs evidence. {_HOW}.")
    return CryptoSigner(key)


def load_public_key(path: Path) -> SSlibKey:
    """Return the public key of a PEM file. Raises `KeyFileError`."""
    try:
        key = load_pem_public_key(_content(str(path)))
    except (ValueError, UnsupportedAlgorithm):
        raise KeyFileError(
            f"{path}: it is no public key in PEM form. openssl pkey -in key.pem -pubout -out pub.pem makes it."
        ) from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise KeyFileError(f"{path}: it is no key on the curve P-256, and no other verifies evidence.")
    return SSlibKey.from_crypto(key)


def new_key_pair() -> tuple[bytes, bytes]:
    """Return a new private key and its public key, both in PEM form."""
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _content(place: str) -> bytes:
    if place.startswith(_FROM_ENVIRONMENT):
        name = place.removeprefix(_FROM_ENVIRONMENT)
        value = os.environ.get(name, "")
        if not value:
            raise KeyFileError(f"{place}: the environment variable {name} is not set, or empty.")
        return value.encode()
    if "-----BEGIN" in place:
        raise KeyFileError("a key was given where its place belongs: give a file's path, or env:NAME.")
    try:
        return Path(place).read_bytes()
    except OSError as error:
        raise KeyFileError(f"{place}: the key can't be read: {error.strerror or error}.") from None

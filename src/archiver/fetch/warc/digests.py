"""Digests in WARC files: `sha1:` in Base32, others in Base16; labels and padding differ by tool."""

import base64
import binascii
import hashlib
from typing import Protocol

_NAMES = {"sha1": "sha1", "sha256": "sha256", "sha384": "sha384", "sha512": "sha512", "md5": "md5"}


class Hash(Protocol):
    """The interface of hashlib's objects."""

    def update(self, data: bytes, /) -> None:
        """Add bytes."""

    def digest(self) -> bytes:
        """Return the digest of the bytes so far."""


class Digest:
    """A digest that a record states. `algorithm` is None when it is unknown here."""

    def __init__(self, text: str) -> None:
        label, _, value = text.strip().partition(":")
        self.text = text.strip()
        self.algorithm = _NAMES.get(label.strip().lower().replace("-", ""))
        self.value = _decoded(value.strip(), self.new().digest()) if self.algorithm else None

    def new(self) -> Hash:
        """Return a new hash object. Only for a known algorithm."""
        return hashlib.new(self.algorithm or "sha1", usedforsecurity=False)

    @property
    def is_known(self) -> bool:
        """Return whether the digest can be checked."""
        return self.value is not None

    def matches(self, data: bytes) -> bool:
        """Return whether it is the digest of these bytes."""
        found = self.new()
        found.update(data)
        return found.digest() == self.value

    @property
    def normal(self) -> str:
        """Return one form for all spellings of a digest: `sha1:` and hex."""
        return f"{self.algorithm}:{self.value.hex()}" if self.value is not None else self.text


def _decoded(value: str, example: bytes) -> bytes | None:
    """Decode a digest in Base16, Base32 or Base64, whichever gives the length of the algorithm."""
    bare = value.rstrip("=")
    for decode in (_base16, _base32, _base64):
        found = decode(bare)
        if found is not None and len(found) == len(example):
            return found
    return None


def _base16(bare: str) -> bytes | None:
    try:
        return bytes.fromhex(bare)
    except ValueError:
        return None


def _base32(bare: str) -> bytes | None:
    try:
        return base64.b32decode(bare.upper() + "=" * (-len(bare) % 8))
    except (binascii.Error, ValueError):
        return None


def _base64(bare: str) -> bytes | None:
    try:
        return base64.urlsafe_b64decode(bare.replace("+", "-").replace("/", "_") + "=" * (-len(bare) % 4))
    except (binascii.Error, ValueError):
        return None


def sha1_of(data: bytes) -> str:
    """Return the normal form of a payload's SHA-1, for records that state no digest."""
    return "sha1:" + hashlib.sha1(data, usedforsecurity=False).hexdigest()

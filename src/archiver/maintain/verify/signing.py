"""Keys and signatures: Ed25519 (RFC 8032) by `cryptography`, which is imported only here and only when a key is used."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from archiver.errors import UsageError
from archiver.text.install_advice import not_installed

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_HEX = re.compile(r"[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key and its public key (32 bytes)."""

    public: bytes
    _private: "Ed25519PrivateKey"

    def sign(self, message: bytes) -> bytes:
        """Return the signature (64 bytes)."""
        return self._private.sign(message)


def make_key(path: Path) -> Signer:
    """Write a new private key to a file that only its owner can read, and its public key to FILE.pub. Both are PEM.

    Raises:
        UsageError: one of the files exists, or cannot be written.
    """
    _need_library()
    from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415  (only when a key is used)
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    public_path = path.with_name(path.name + ".pub")
    for taken in (path, public_path):
        if os.path.lexists(taken):
            raise UsageError(f"{taken}: this file exists, and a key is never overwritten; name another file")
    private = Ed25519PrivateKey.generate()
    _write(path, 0o600, private.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()))
    public = private.public_key()
    _write(public_path, 0o644, public.public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo))
    return Signer(public.public_bytes_raw(), private)


def _write(path: Path, mode: int, data: bytes) -> None:
    """Create a file with these permissions, and sync it to disk."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}; name another file") from error


def load_key(path: Path) -> Signer:
    """Read a private key from a file, PEM or OpenSSH.

    Raises:
        UsageError: the file has no usable key.
    """
    _need_library()
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    data = _read(path, "make a key with `archiver head --new-key FILE`")
    load = form.load_ssh_private_key if b"OPENSSH PRIVATE KEY" in data else form.load_pem_private_key
    try:
        private = load(data, None)
    except TypeError:
        raise UsageError(f"{path}: this key is protected by a passphrase; name one without a passphrase") from None
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UsageError(f"{path}: this is not a private key: {error}") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise UsageError(f"{path}: this is not an Ed25519 key; make one with `archiver head --new-key FILE`")
    return Signer(private.public_key().public_bytes_raw(), private)


def load_public_key(text: str) -> bytes:
    """Return a public key from 64 hexadecimal digits, an OpenSSH line, or a file with one of these or PEM.

    Raises:
        UsageError: it is not a public key.
    """
    if _HEX.fullmatch(text):
        return bytes.fromhex(text)
    _need_library()
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

    is_line = text.startswith("ssh-ed25519 ")
    data = text.encode() if is_line else _read(Path(text), "name a public key, or a file with one")
    if _HEX.fullmatch(data.decode("ascii", "replace").strip()):
        return bytes.fromhex(data.decode().strip())
    try:
        public = form.load_ssh_public_key(data) if data.startswith(b"ssh-") else form.load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UsageError(f"{text}: this is not a public key: {error}") from error
    if not isinstance(public, Ed25519PublicKey):
        raise UsageError(f"{text}: this is not an Ed25519 key")
    return public.public_bytes_raw()


def is_signed_by(key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether this is a signature of the message by the private key of this public key."""
    _need_library()
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _read(path: Path, advice: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such file; {advice}") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error


def _need_library() -> None:
    try:
        import cryptography  # noqa: F401, PLC0415
    except ImportError:
        raise UsageError(not_installed("signatures need", "cryptography")) from None

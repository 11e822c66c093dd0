"""Sign a package with an anonymous key (WACZ Signing and Verification 0.1.0).

ECDSA on P-384 with SHA-256, over the digest of datapackage.json as text. Signature (r and s, IEEE P1363) and public key
(SubjectPublicKeyInfo) are Base64, which replay viewers verify. `cryptography` is imported only to sign a package.
"""

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from archiver.errors import UsageError
from archiver.text.install_advice import not_installed

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

_VERSION = "0.1.0"
_HALF = 48  # bytes of r and of s


@dataclass(frozen=True, slots=True)
class WaczSigner:
    """A private key."""

    _private: "EllipticCurvePrivateKey"

    def signed(self, digest: str, created: str, software: str) -> dict[str, str]:
        """Return `signedData` of datapackage-digest.json.

        Args:
            digest: of datapackage.json, `sha256:…`.
            created: RFC 3339, UTC.
            software: the program that made the package.
        """
        from cryptography.hazmat.primitives import hashes  # noqa: PLC0415  (only when a package is signed)
        from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric import ec, utils  # noqa: PLC0415

        pair = utils.decode_dss_signature(self._private.sign(digest.encode(), ec.ECDSA(hashes.SHA256())))
        signature = b"".join(number.to_bytes(_HALF, "big") for number in pair)
        public = self._private.public_key().public_bytes(form.Encoding.DER, form.PublicFormat.SubjectPublicKeyInfo)
        return {
            "hash": digest,
            "created": created,
            "software": software,
            "version": _VERSION,
            "signature": base64.b64encode(signature).decode("ascii"),
            "publicKey": base64.b64encode(public).decode("ascii"),
        }


def can_sign() -> bool:
    """Return whether `cryptography` is installed."""
    try:
        import cryptography  # noqa: F401, PLC0415
    except ImportError:
        return False
    return True


def wacz_signer(key: Path | None = None) -> WaczSigner:
    """Return a new key for one package, or the key in a file.

    Raises:
        UsageError: the file has no key or another kind of key, or `cryptography` is not installed.
    """
    if not can_sign():
        raise UsageError(f"{not_installed('signatures need', 'cryptography')}; --no-sign writes no signature")
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    if key is None:
        return WaczSigner(ec.generate_private_key(ec.SECP384R1()))
    make = f"make one: openssl ecparam -name secp384r1 -genkey -noout -out {key}"
    try:
        private = form.load_pem_private_key(key.read_bytes(), None)
    except OSError as error:
        raise UsageError(f"{key}: cannot be read: {error.strerror}; {make}") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UsageError(f"{key}: no private key can be read from it; {make}") from error
    if not isinstance(private, ec.EllipticCurvePrivateKey) or not isinstance(private.curve, ec.SECP384R1):
        raise UsageError(f"{key}: packages are signed by ECDSA on P-384, and this is another key; {make}")
    return WaczSigner(private)

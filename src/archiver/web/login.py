"""Who may read: a password and a signed cookie, or the name that a reverse proxy gives in a header."""

import hashlib
import hmac
import re
from base64 import b64decode
from binascii import Error as NotBase64
from pathlib import Path

from itsdangerous import BadData, TimestampSigner

from archiver.errors import UsageError
from archiver.text.clean import printable
from archiver.web.asgi import Scope
from archiver.web.hosts import header

COOKIE = "archiver_session"
SESSION_DAYS = 7
_LEAST, _MOST = 8, 1_000  # characters of a password
_SALT = b"archiver.web.session"
_WORK = 2**14  # of scrypt: 16 MB and some 50 ms, once at the start
_LONGEST_NAME = 100
_DAY = 86_400


def read_password(path: Path) -> str:
    """Return the first line of a password file.

    Raises:
        UsageError: the file cannot be read, or its password is too short or too long.
    """
    try:
        with path.open(encoding="utf-8") as file:
            found = file.readline(_MOST + 2).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise UsageError(f"--password-file {path}: cannot be read: {why}") from error
    if not _LEAST <= len(found) <= _MOST:
        raise UsageError(
            f"--password-file {path}: its first line is the password; it needs {_LEAST} to {_MOST} characters"
        )
    return found


class Sessions:
    """Checks passwords, and signs and checks the cookies of those who gave it. Nothing is stored.

    The key of the signatures is made from the password: cookies hold after a restart, and end when it changes.
    """

    def __init__(self, password: str) -> None:
        self._digest = _digest(password)
        key = hashlib.scrypt(password.encode(), salt=_SALT, n=_WORK, r=8, p=1, maxmem=64 * 1024 * 1024)
        self._signer = TimestampSigner(key, salt=_SALT, digest_method=hashlib.sha256, key_derivation="hmac")
        self.key = hmac.digest(key, b"forms", "sha256")

    def is_password(self, given: str) -> bool:
        """Whether a password is the right one; it takes the same time for any."""
        return hmac.compare_digest(self._digest, _digest(given[: _MOST + 1]))

    def new_cookie(self, scope: Scope, path: str) -> str:
        """Return the Set-Cookie header of a visitor who gave the password."""
        value = self._signer.sign("reader").decode("ascii")
        return _cookie(value, path, SESSION_DAYS * _DAY, secure=scope["scheme"] == "https")

    def is_open(self, scope: Scope) -> bool:
        """Whether a request has a valid cookie, or the password by HTTP Basic (for feed readers and scripts)."""
        return self._has_cookie(scope) or self._has_password(scope)

    def _has_cookie(self, scope: Scope) -> bool:
        for value in cookies(scope, COOKIE):
            try:
                self._signer.unsign(value, max_age=SESSION_DAYS * _DAY)
            except BadData:
                continue
            return True
        return False

    def _has_password(self, scope: Scope) -> bool:
        given = header(scope, "authorization")
        if len(given) != 1 or not given[0].lower().startswith("basic "):
            return False
        try:
            pair = b64decode(given[0][6:].strip(), validate=True).decode("utf-8")
        except (NotBase64, UnicodeDecodeError, ValueError):
            return False
        return self.is_password(pair.partition(":")[2])


def has_basic(scope: Scope) -> bool:
    """Whether a request tries a password by HTTP Basic."""
    return any(value.lower().startswith("basic ") for value in header(scope, "authorization"))


def ended_cookie(path: str) -> str:
    """Return the Set-Cookie header that ends a session."""
    return _cookie("", path, 0, secure=False)


def _cookie(value: str, path: str, seconds: int, *, secure: bool) -> str:
    rest = "; Secure" if secure else ""
    return f"{COOKIE}={value}; Path={path or '/'}; Max-Age={seconds}; HttpOnly; SameSite=Strict{rest}"


def cookies(scope: Scope, name: str) -> list[str]:
    """Return the values of a cookie."""
    pairs = (pair.strip().partition("=") for value in header(scope, "cookie") for pair in value.split(";"))
    return [value.strip('"') for key, _, value in pairs if key == name]


def trusted_name(scope: Scope, name: str) -> str:
    """Return the visitor's name from the header of a reverse proxy; "" when there is none, or more than one."""
    values = header(scope, name)
    if len(values) != 1:
        return ""
    try:
        text = values[0].encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        text = values[0]
    return printable(text, _LONGEST_NAME).strip()


def safe_target(to: str, prefix: str) -> str:
    """Return where to go after the login: a path of this server, whatever was asked."""
    is_path = re.fullmatch(r"/[\x21-\x7e]{0,2000}", to) and not to.startswith("//") and "\\" not in to
    return to if is_path and to.startswith(f"{prefix}/") else f"{prefix}/"


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()

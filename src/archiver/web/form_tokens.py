"""Tokens of forms: a form of an act was made by this server, for this visitor, today."""

import hmac
import secrets
from hashlib import sha256

from itsdangerous import BadData, TimestampSigner

from archiver.web.asgi import Scope
from archiver.web.hosts import header
from archiver.web.login import COOKIE, cookies

_HOURS = 12


class FormTokens:
    """Makes and checks the tokens. Nothing is stored."""

    def __init__(self, key: bytes | None = None) -> None:
        """`key`: of the signatures; None: a new one, and forms of before a restart are refused."""
        self._signer = TimestampSigner(key or secrets.token_bytes(32), salt=b"archiver.web.forms", digest_method=sha256)

    def token(self, scope: Scope) -> str:
        """Return the token for the visitor of a request."""
        return self._signer.sign(_visitor(scope)).decode("ascii")

    def is_valid(self, token: str, scope: Scope) -> bool:
        """Whether a token was made for the visitor of a request, and not long ago."""
        try:
            visitor = self._signer.unsign(token, max_age=_HOURS * 3600)
        except BadData:
            return False
        return hmac.compare_digest(visitor, _visitor(scope).encode("ascii"))


def is_from_here(scope: Scope) -> bool:
    """Whether a form was sent by a page of this server. Browsers say where it is from; other programs must, too."""
    origins = header(scope, "origin")
    if origins:
        return origins == [f"{scope['scheme']}://{''.join(header(scope, 'host'))}"]
    return header(scope, "sec-fetch-site") == ["same-origin"]


def _visitor(scope: Scope) -> str:
    who = "\n".join((scope["archiver.user"], *cookies(scope, COOKIE)))
    return sha256(who.encode("utf-8", "replace")).hexdigest()[:32]

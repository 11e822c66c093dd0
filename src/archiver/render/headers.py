"""Header fields between the browser and the archiver's client: which ones are passed on, each way."""

import base64
import re
from collections.abc import Mapping

from archiver.model.capture import Headers

_HOP_BY_HOP = (
    "connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade"
)
_CLIENTS_OWN = (
    "accept-encoding content-length cookie dnt expect host priority purpose range user-agent upgrade-insecure-requests"
)
_CONDITIONAL = "if-match if-modified-since if-none-match if-range if-unmodified-since cache-control pragma"
_NOT_SENT = frozenset(f"{_HOP_BY_HOP} {_CLIENTS_OWN} {_CONDITIONAL}".split())
_NOT_SENT_GROUPS = ("sec-", "proxy-")
_NOT_ANSWERED = frozenset(
    f"{_HOP_BY_HOP} content-encoding content-length alt-svc nel report-to reporting-endpoints"
    " content-security-policy-report-only clear-site-data".split()
)
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_SENT_VALUE = re.compile(r"[ -~]{0,4000}")
_ANSWERED_VALUE = re.compile(rb"[^\x00-\x08\x0a-\x1f\x7f]{0,16000}")
_MOST_FIELDS = 60


def to_send(fields: Mapping[str, object]) -> Headers:
    """Return the fields of a request that its page set and that are safe: the client sets the other ones itself."""
    kept = [
        (name.encode("ascii"), value.encode("ascii"))
        for name, value in fields.items()
        if isinstance(value, str) and _is_sent(name) and _SENT_VALUE.fullmatch(value)
    ]
    return tuple(kept[:_MOST_FIELDS])


def to_answer(fields: Headers) -> str:
    """Return the fields of an answer as the browser takes them (base64); the body is decoded and whole already."""
    kept = [
        name + b": " + value
        for name, value in fields
        if _NAME.fullmatch(name.decode("latin-1"))
        and name.decode("latin-1").lower() not in _NOT_ANSWERED
        and _ANSWERED_VALUE.fullmatch(value)
    ]
    return base64.b64encode(b"\0".join(kept)).decode("ascii")


def _is_sent(name: str) -> bool:
    lower = name.lower()
    return bool(_NAME.fullmatch(name)) and lower not in _NOT_SENT and not lower.startswith(_NOT_SENT_GROUPS)

"""Which requests of a page are not sent, and why."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

from archiver.model.profile import RenderRules
from archiver.text.url import canonical_or_none

_METHODS = ("GET", "HEAD", "POST", "OPTIONS")
_BLOCKED = {"Font": "fonts", "Image": "images", "Media": "media"}
_REPORTS = ("Ping", "CSPViolationReport")
_OTHER_METHOD = ("x-http-method-override", "x-http-method", "x-method-override")


def refusal(kind: str, method: str, url: str, fields: Mapping[str, str], rules: RenderRules) -> str:
    """Return why a request is not sent, in a few words, or "".

    Args:
        kind: the resource type, as the browser names it.
        method: of the request.
        url: its address.
        fields: its header fields, names in lower case.
        rules: what the profile blocks.
    """
    scheme = url.partition(":")[0].lower()
    if scheme not in ("http", "https"):
        return f"{scheme[:20]}: address"
    if canonical_or_none(url) is None:  # too long, or with a host that DNS does not know: it could not be kept
        return "no address of a page"
    for meant in (method, *(fields[name].upper() for name in _OTHER_METHOD if name in fields)):
        if meant not in _METHODS:
            return f"method {meant[:20]}"
    if reason := _not_of_the_page(kind, fields):
        return reason
    if _BLOCKED.get(kind) in rules.block:
        return _BLOCKED[kind]
    return "ads" if "ads" in rules.block and is_ad_host(urlsplit(url).hostname or "") else ""


def _not_of_the_page(kind: str, fields: Mapping[str, str]) -> str:
    """Return what a request is for, if the page looks the same without it."""
    accept = fields.get("accept", "")
    if "sec-purpose" in fields or "purpose" in fields or kind == "Prefetch":
        return "prefetch"
    if kind in _REPORTS:
        return "report"
    if kind == "EventSource" or accept == "text/event-stream":
        return "event stream"
    return ""


def is_icon(kind: str, fields: Mapping[str, str]) -> bool:
    """Whether the browser requests the icon of its tab: not a request of the page."""
    return kind == "Other" and fields.get("accept", "").startswith("image/")


def is_ad_host(host: str) -> bool:
    """Whether a host, or a domain above it, is on the list of ad and analytics hosts."""
    labels = host.lower().rstrip(".").split(".")
    return any(".".join(labels[start:]) in _ad_hosts() for start in range(len(labels)))


@cache
def _ad_hosts() -> frozenset[str]:
    lines = files("archiver.render").joinpath("ad_hosts.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))

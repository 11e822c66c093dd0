"""Addresses without the parameters that servers change at each visit: signatures, tokens, expiry times.

A server that signs addresses sends the same image under another address each time. Such parameters say who may fetch
the image and until when; they do not identify it.
"""

import re

_SIGNED = frozenset(
    (
        "auth_key",  # Aliyun
        "awsaccesskeyid",  # Amazon S3, query string authentication
        "expires",  # S3, CloudFront, Google Cloud Storage
        "googleaccessid",  # Google Cloud Storage
        "hdnea",  # Akamai
        "hdnts",
        "hmac",
        "key-pair-id",  # CloudFront
        "oe",  # Facebook
        "oh",
        "policy",  # CloudFront
        "security-token",  # Aliyun
        "sig",  # Azure, and many others
        "sign",
        "signature",
        "wssecret",  # Tencent
        "wstime",
    )
)
"""Parameters that only sign: the rest of the address identifies the resource."""
_SIGNED_PREFIXES = ("x-amz-", "x-goog-", "x-oss-", "x-bce-", "_nc_")
_WEAK = frozenset(("_", "access_token", "cachebuster", "cb", "hash", "nocache", "rand", "rnd", "token", "v", "ver"))
"""Parameters that usually are a token or a version, and sometimes the name of the image: `image.php?hash=…`."""
_TIMES = frozenset(("date", "exp", "expire", "e", "st", "t", "time", "timestamp", "ts"))
_TIME = re.compile(r"\d{9,17}")
_AZURE = frozenset(("se", "ske", "skoid", "sks", "skt", "sktid", "skv", "sip", "sp", "spr", "sr", "st", "sv"))
_DISCORD = frozenset(("ex", "hm", "is"))
_TOGETHER = (("sig", _AZURE), ("hm", _DISCORD))
"""The parameter that signs, and those that belong to it."""
_SCRIPTS = frozenset(("asp", "aspx", "ashx", "cfm", "cgi", "do", "jsp", "php", "pl"))


def stable_address(url: str) -> str:
    """Return an address without the parameters of its query that change from visit to visit.

    A parameter that may identify the resource stays when nothing else in the address identifies it.
    """
    front, mark, rest = url.partition("?")
    if not mark:
        return url
    query, hash_mark, fragment = rest.partition("#")
    pairs = query.split("&")
    names = [pair.partition("=")[0].lower() for pair in pairs]
    signed = _SIGNED.union(*(others for key, others in _TOGETHER if key in names))
    kept = [pair for pair, name in zip(pairs, names, strict=True) if not _is_signing(name, pair, signed)]
    lasting = [pair for pair in kept if pair and pair.partition("=")[0].lower() not in _WEAK]
    if lasting or _is_named(front):
        kept = lasting
    return front + ("?" + "&".join(kept) if kept else "") + hash_mark + fragment


def _is_signing(name: str, pair: str, signed: frozenset[str]) -> bool:
    if name in signed or name.startswith(_SIGNED_PREFIXES):
        return True
    return name in _TIMES and _TIME.fullmatch(pair.partition("=")[2]) is not None


def _is_named(front: str) -> bool:
    """Return whether the path of an address names a file: it ends with a name that has an extension or a number."""
    last = front.rpartition("/")[2]
    stem, dot, extension = last.rpartition(".")
    if dot and stem:
        return extension.lower() not in _SCRIPTS
    return any(char.isdigit() for char in last)

"""CDXJ lines: in which file and where a capture is, by SURT and time (the index format of Wayback Machines)."""

import base64
import json
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote_plus

from archiver.text.surt import surt

_MOST_FORM = 4096
"""Characters of a form in the index, as other writers have."""


def cdxj_line(
    url: str,
    moment: datetime,
    values: dict[str, str],
    form: bytes | None = None,
    *,
    method: str = "POST",
    kind: str = "",
) -> str:
    """Return `SURT timestamp JSON`; numbers are strings in it, as other writers do.

    Args:
        url: the address.
        moment: the time, UTC.
        values: the fields of the JSON, besides `url`.
        form: the content of a POST; None for a GET. It is part of the key, so that viewers do not show the answer to
            a form for the address alone (cdxj-indexer, pywb and wabac.js do the same).
        method: of the request, if it has a `form`.
        kind: the media type of the form.
    """
    if form is None:
        return _line(url, url, moment, values)
    body = _form_text(form, kind)[:_MOST_FORM]
    asked = f"{url}{'&' if '?' in url else '?'}__wb_method={method}&{body}"
    return _line(asked, url, moment, {**values, "method": method, "requestBody": body})


def _line(key: str, url: str, moment: datetime, values: dict[str, str]) -> str:
    text = json.dumps({"url": url, **values}, ensure_ascii=False)
    return f"{surt(key)} {moment:%Y%m%d%H%M%S} {text}"


def _form_text(form: bytes, kind: str) -> str:
    if kind in ("application/json", "text/plain"):
        try:
            return _query_of(json.loads(form))
        except (ValueError, RecursionError):
            pass
    text = form.decode("latin-1")
    if text.isascii() and text.isprintable() and " " not in text:
        return text
    return "__wb_post_data=" + base64.b64encode(form).decode("ascii")


def _query_of(value: object) -> str:
    """Return JSON as a query, as warcio.js makes it of the content of a request: the keys of all objects, numbered."""
    query: dict[str, str] = {}
    seen: dict[str, int] = {}
    for name, text in _values("", value):
        seen[name] = seen.get(name, 0) + 1
        query[name if seen[name] == 1 else f"{name}.{seen[name]}_"] = text
    return "&".join(f"{_quoted(name)}={_quoted(text)}" for name, text in query.items())


def _values(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _values(key, each)
    elif isinstance(value, list):
        for each in value:
            yield from _values(name, each)
    elif isinstance(value, str):
        yield from [(name, value)] if value else []
    else:
        is_whole = isinstance(value, float) and value.is_integer()
        yield name, json.dumps(int(value) if is_whole else value)  # type: ignore[call-overload]


def _quoted(text: str) -> str:
    """Quote as in `application/x-www-form-urlencoded` (URL standard, 5.2)."""
    return quote_plus(text, safe="*", errors="replace").replace("~", "%7E")

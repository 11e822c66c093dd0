"""CDXJ lines: in which file and where a capture is, by SURT and time (the index format of Wayback Machines)."""

import base64
import json
from datetime import datetime

from archiver.text.surt import surt

_MOST_FORM = 4096
"""Characters of a form in the index, as other writers have."""


def cdxj_line(url: str, moment: datetime, values: dict[str, str], form: bytes | None = None) -> str:
    """Return `SURT timestamp JSON`; numbers are strings in it, as other writers do.

    Args:
        url: the address.
        moment: the time, UTC.
        values: the fields of the JSON, besides `url`.
        form: the content of a POST; None for a GET. It is part of the key, so that viewers do not show the answer to
            a form for the address alone (cdxj-indexer, pywb and wabac.js do the same).
    """
    if form is None:
        return _line(url, url, moment, values)
    body = _form_text(form)[:_MOST_FORM]
    asked = f"{url}{'&' if '?' in url else '?'}__wb_method=POST&{body}"
    return _line(asked, url, moment, {**values, "method": "POST", "requestBody": body})


def _line(key: str, url: str, moment: datetime, values: dict[str, str]) -> str:
    text = json.dumps({"url": url, **values}, ensure_ascii=False)
    return f"{surt(key)} {moment:%Y%m%d%H%M%S} {text}"


def _form_text(form: bytes) -> str:
    text = form.decode("latin-1")
    if text.isascii() and text.isprintable() and " " not in text:
        return text
    return "__wb_post_data=" + base64.b64encode(form).decode("ascii")

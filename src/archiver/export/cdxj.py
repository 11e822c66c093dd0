"""CDXJ lines: in which file and where a capture is, by SURT and time (the index format of Wayback Machines)."""

import json
from datetime import datetime

from archiver.text.surt import surt


def cdxj_line(url: str, moment: datetime, values: dict[str, str]) -> str:
    """Return `SURT timestamp JSON`; numbers are strings in it, as other writers do."""
    text = json.dumps({"url": url, **values}, ensure_ascii=False)
    return f"{surt(url)} {moment:%Y%m%d%H%M%S} {text}"

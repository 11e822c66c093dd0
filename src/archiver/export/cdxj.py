"""CDXJ lines: where a capture stands in which file, by SURT and time (the index format of wayback machines)."""

import json
from datetime import datetime

from archiver.text.surt import surt


def cdxj_line(url: str, moment: datetime, values: dict[str, str]) -> str:
    """`SURT timestamp JSON`; numbers are strings in it, as other writers have them."""
    told = json.dumps({"url": url, **values}, ensure_ascii=False)
    return f"{surt(url)} {moment:%Y%m%d%H%M%S} {told}"

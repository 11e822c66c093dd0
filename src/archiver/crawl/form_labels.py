"""What tells the pages of paging forms apart: they share an address, and differ in what the form sends."""

import re
from collections import Counter
from collections.abc import Sequence

from archiver.model.postback import Postback

_NUMBER = re.compile(r"\s*(\d{1,9})\s*\Z")
_PAGE = re.compile(r"(?:Page\$)?(\d{1,9})\Z", re.IGNORECASE)


def form_labels(forms: Sequence[Postback]) -> list[str]:
    """Return a label for each form: `page 2`, or the text of its link; with the target where two are the same."""
    labels = [_label(form) for form in forms]
    counts = Counter((form.url, label) for form, label in zip(forms, labels, strict=True))
    return [
        label if counts[form.url, label] == 1 else f"{label} ({_event(form)})"
        for form, label in zip(forms, labels, strict=True)
    ]


def _label(form: Postback) -> str:
    number = _NUMBER.match(form.text) or _PAGE.match(dict(form.fields).get("__EVENTARGUMENT", ""))
    return f"page {number[1]}" if number else form.text or _event(form)


def _event(form: Postback) -> str:
    values = dict(form.fields)
    return " ".join(filter(None, (values.get("__EVENTTARGET"), values.get("__EVENTARGUMENT"))))

"""The proof of an absence, read from its evidence: which answers came when."""

import re
from typing import Any

_PROOF = re.compile(r"(?P<answer>[^;]*?) at (?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)")
_SOFT = "soft_gone"


def proofs_of(evidence: str | None) -> list[dict[str, str]]:
    """Return the answers of an absence's evidence: the first, the one that proved it, and the newest.

    Each has `at` (UTC text) and `answer`, such as `404` or `200 (says it is not there)`.
    """
    found = _PROOF.finditer(evidence or "")
    return [{"at": each["at"], "answer": answer_words(each["answer"])} for each in found]


def answer_words(answer: str) -> str:
    """Return an answer that is evidence of an absence in words: `404`, or `200 (says it is not there)`."""
    status, _, outcome = answer.strip().partition(" ")
    return f"{status} (says it is not there)" if outcome == _SOFT else status


def proof_of(evidence: str | None, misses: int) -> dict[str, Any]:
    """Return the proof of an absence: `first`, `second` (None: one 410 is proof), `count`, and `last` after those."""
    found = proofs_of(evidence)
    return {
        "first": found[0] if found else None,
        "second": found[1] if len(found) > 1 else None,
        "last": found[-1] if len(found) > 2 else None,  # noqa: PLR2004  (first and second)
        "count": misses,
    }

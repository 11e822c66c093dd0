"""Tokens for differences: syllables and words, numbers with their marks, single marks, and white space."""

import re

_TOKEN = re.compile(r"\d+(?:[.,:/]\d+)*+|[^\W\d_]++(?:[\u0300-\u036f]++[^\W\d_]*+)*+|\n+|[^\S\n]+|.", re.DOTALL)


def words(text: str) -> list[str]:
    """Return the tokens of a text, in order; joined they are the text.

    Vietnamese syllables, `1.234,5`, `21/10/2022` and `15:55` are one token each; every other mark is a token. Line
    breaks are separate from other white space, so that paragraphs can be compared.
    """
    return _TOKEN.findall(text)

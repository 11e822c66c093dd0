r"""An expression of `re` in the syntax of the `regex` package (its version 1), so that both find the same.

- `{` that begins no repeat, and `[`, `--`, `||`, `&&`, `~~` in a set, mean something else to `regex`: they are escaped.
- `\w` of `re` is any letter or number; that of `regex` includes combining marks, which end a word of Hindi for `re`.
- `\s` of `re` includes the four separators U+001C to U+001F.
- `regex` compares `ß` with `ss` where case is ignored; `(?-f)` switches that off.
"""

import re

_PIECE = re.compile(r"\\N\{[^}]*\}|\\.|\(\?#[^)]*\)|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(?:\d+,?\d*|,\d*)\}|\{", re.DOTALL)
"""The parts of an expression that `regex` could read in another way: escapes, comments, sets, braces."""
_IN_SET = re.compile(r"\\N\{[^}]*\}|\\.|\[|--|\|\||&&|~~", re.DOTALL)
_WORD, _SPACE = r"\p{L}\p{N}_", r"\s\x1c-\x1f"
_INSIDE = {r"\w": _WORD, r"\s": _SPACE, r"\W": f"[^{_WORD}]", r"\S": f"[^{_SPACE}]"}
_OUTSIDE = {
    r"\w": f"[{_WORD}]",
    r"\s": f"[{_SPACE}]",
    r"\W": f"[^{_WORD}]",
    r"\S": f"[^{_SPACE}]",
    r"\b": f"(?:(?<=[{_WORD}])(?![{_WORD}])|(?<![{_WORD}])(?=[{_WORD}]))",
    r"\B": f"(?:(?<=[{_WORD}])(?=[{_WORD}])|(?<![{_WORD}])(?![{_WORD}]))",
}


def as_regex(pattern: str, *, ascii_only: bool = False) -> str:
    """The same expression for `regex.compile(…, regex.V1)`; `ascii_only` when it has the flag `a`."""
    classes = {} if ascii_only else _OUTSIDE

    def rewritten(piece: re.Match[str]) -> str:
        text = piece[0]
        if text == "{":
            return r"\{"
        if text.startswith("{,"):
            return "{0" + text[1:]
        if text.startswith("["):
            return _set(text, ascii_only=ascii_only)
        return classes.get(text, text)

    return "(?-f)" + _PIECE.sub(rewritten, pattern)


def _set(text: str, *, ascii_only: bool) -> str:
    start = "[^" if text.startswith("[^") else "["
    rest = text.removeprefix(start)
    first = "\\" if rest.startswith("]") else ""  # a bracket that comes first is a member

    def rewritten(piece: re.Match[str]) -> str:
        member = piece[0]
        if member[0] != "\\":
            return "".join("\\" + each for each in member)
        return member if ascii_only else _INSIDE.get(member, member)

    return start + first + _IN_SET.sub(rewritten, rest)

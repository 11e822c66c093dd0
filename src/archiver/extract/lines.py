"""Find the lines of keys in a TOML text: tomllib gives no line numbers, and every fault needs one."""

import re
from itertools import accumulate

Path = tuple[str | int, ...]
"""The path to a value: `("page", 0, "fields", "title")`; numbers count the tables of an `[[array]]`."""

_KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_DOTTED = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_DOTTED})\s*\]\]?")
_ENTRY = re.compile(rf"\s*({_DOTTED})\s*=")
_ONE_KEY = re.compile(_KEY)
_PIECE = re.compile(
    r'''"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|#[^\n]*|[\[\]{}\n]''', re.DOTALL
)
_STEP = {"[": 1, "{": 1, "]": -1, "}": -1}


class LineIndex:
    """The line of each table and key of a TOML text (which need not be valid)."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._known: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}
        table: Path = ()
        for number, line in _statements(text):
            header = _HEADER.match(line)
            if header:
                table = self._table(_parts(header[2]), repeated=header[1] == "[[")
                self._known.setdefault(table, number)
            elif entry := _ENTRY.match(line):
                self._add((*table, *_parts(entry[1])), number)

    def line(self, path: Path) -> int | None:
        """Return the line of a value, or of the nearest known table or key around it."""
        if path in self._known:
            return self._known[path]
        for length in range(len(path) - 1, 0, -1):
            start = self._known.get(path[:length])
            if start is not None:
                return self._inside(start, path[-1])
        return None

    def _inside(self, start: int, key: str | int) -> int:
        """Return the line at or after `start` with a key of an inline table, if it is before the next known one."""
        end = min((line for line in self._known.values() if line > start), default=len(self._lines) + 1)
        wanted = re.compile(rf"""(?<![\w-])["']?{re.escape(str(key))}["']?\s*[=.]""")
        for number in range(start, end):
            if number <= len(self._lines) and wanted.search(self._lines[number - 1]):
                return number
        return start

    def _table(self, parts: tuple[str, ...], *, repeated: bool) -> Path:
        path: Path = ()
        for part in parts:
            path = (*path, part)
            if path in self._counts:
                path = (*path, self._counts[path] - 1)
        if repeated:
            if isinstance(path[-1], int):
                path = path[:-1]
            self._counts[path] = self._counts.get(path, 0) + 1
            path = (*path, self._counts[path] - 1)
        return path

    def _add(self, path: Path, number: int) -> None:
        for length in range(1, len(path) + 1):
            self._known.setdefault(path[:length], number)


def _statements(text: str) -> list[tuple[int, str]]:
    """Return the lines at which a statement begins: not those inside a string, array or inline table."""
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    depths = dict.fromkeys(starts, 0)
    depth = 0
    inside: set[int] = set()
    for piece in _PIECE.finditer(text):
        mark = piece[0]
        if mark == "\n":
            depths[piece.end()] = depth
        elif mark in _STEP:
            depth = max(0, depth + _STEP[mark])
        elif "\n" in mark:
            inside.update(piece.start() + offset + 1 for offset, letter in enumerate(mark) if letter == "\n")
    numbered = zip(starts, accumulate(1 for _ in starts), text.split("\n"), strict=True)
    return [(number, line) for start, number, line in numbered if not depths[start] and start not in inside]


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(key.strip("\"'") for key in _ONE_KEY.findall(dotted))

"""Read a TOML table by its keys: every fault is collected with its line, and none stops the reading."""

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any

from archiver.errors import Fault
from archiver.extract.keys import Key
from archiver.extract.lines import LineIndex, Path
from archiver.extract.values import BadValueError


class Faults:
    """The faults of a profile, in the order found."""

    def __init__(self, lines: LineIndex) -> None:
        self._lines = lines
        self._found: list[Fault] = []

    def add(self, path: Path, what: str) -> None:
        """Add a fault at a place."""
        self._found.append(Fault(dotted(path), what, self._lines.line(path)))

    def unknown(self, path: Path, valid: Collection[str], name: str = "") -> None:
        """Add a fault for an unknown key, with the nearest valid one; `name` if it is more than the last part."""
        near = get_close_matches(name or str(path[-1]), sorted(valid), n=1, cutoff=0.6)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(sorted(valid))}"
        self.add(path, f"unknown key; {hint}")

    def line(self, path: Path) -> int:
        """Return the line of a place; 0 when it is unknown."""
        return self._lines.line(path) or 0

    @property
    def found(self) -> list[Fault]:
        """Return the faults in the order of their lines."""
        return sorted(self._found, key=lambda fault: fault.line or 0)


def dotted(path: Path) -> str:
    """Return a path as people write it: without the numbers of array tables."""
    return ".".join(str(part) for part in path if not isinstance(part, int))


def read_table(table: object, keys: Mapping[str, Key], path: Path, faults: Faults) -> dict[str, Any]:
    """Return the valid values of a table; the faults of the others are added to `faults`."""
    if not isinstance(table, dict):
        faults.add(path, "must be a table")
        return {}
    read = {}
    for name, value in table.items():
        key = keys.get(name)
        if key is None:
            faults.unknown((*path, name), keys)
            continue
        try:
            read[name] = key.check.read(value)
        except BadValueError as fault:
            for message in fault.messages:
                faults.add((*path, name), message)
    for name, key in keys.items():
        if key.required and name not in table:
            faults.add(path, f"{name!r} is missing: {key.doc}")
    return read


def tables_of(value: object, path: Path, faults: Faults) -> list[Any]:
    """Return the tables of an `[[array]]`."""
    if isinstance(value, list):
        return value
    faults.add(path, f"must be written [[{dotted(path)}]], with two brackets")
    return []

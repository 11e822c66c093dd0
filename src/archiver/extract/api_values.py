"""Checks of the values of a profile's keys that say how the answers of an API are read."""

from collections.abc import Callable

from archiver.extract.address_template import check_template, is_template
from archiver.extract.json_path import parse_path
from archiver.extract.values import BadValueError, Check


def _checked(check: Callable[[str], object], what: str) -> Callable[[object], str]:
    """Return a reader of a text that a function checks; `what` says what it must be."""

    def read(value: object) -> str:
        if not isinstance(value, str):
            raise BadValueError(f"must be {what}")
        try:
            check(value)
        except ValueError as fault:
            raise BadValueError(str(fault)) from fault
        return value

    return read


_path = _checked(parse_path, "a path into JSON in quotes, such as 'data.title'")
_template = _checked(check_template, "an address in quotes, such as '/news/{id}'")


def _followed(value: object) -> str:
    return _template(value) if isinstance(value, str) and (is_template(value) or "/" in value) else _path(value)


PATH = Check(_path, {"type": "string", "minLength": 1}, "path into JSON")
TEMPLATE = Check(_template, {"type": "string", "pattern": "\\{.+\\}"}, "address with `{path}`")
FOLLOWED = Check(_followed, {"type": "string", "minLength": 1}, "address with `{path}`, or path into JSON")

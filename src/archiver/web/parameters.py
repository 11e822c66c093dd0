"""The parameters of a request as values."""

from archiver.errors import UsageError
from archiver.web.answer import PageRequest

_MOST_DIGITS = 9


def text_of(request: PageRequest, name: str) -> str | None:
    """Return a parameter without spaces around it; None when it is missing or empty."""
    return request.query.get(name, "").strip() or None


def number_of(request: PageRequest, name: str, default: int = 1) -> int:
    """Return a parameter as a whole number.

    Raises:
        UsageError: it is none.
    """
    return whole_number(name, text_of(request, name) or "", default)


def whole_number(name: str, given: str, default: int) -> int:
    """Return a text as a whole number; "" gives the default.

    Raises:
        UsageError: it is none.
    """
    if not given:
        return default
    if not (given.isascii() and given.isdigit()) or len(given) > _MOST_DIGITS:
        raise UsageError(f"{name}={given[:100]}: not a whole number")
    return int(given)


def row_number(request: PageRequest, name: str = "cursor") -> int:
    """Return where a list goes on: the number of rows before; 0 without one.

    Raises:
        UsageError: it is not a number.
    """
    return number_of(request, name, 0)

"""Where a list goes on: a number of rows in the address."""

from collections.abc import Mapping

from archiver.errors import UsageError

_MOST_DIGITS = 9


def row_number(query: Mapping[str, str], name: str = "cursor") -> int:
    """Return the number of rows that came before; 0 without one.

    Raises:
        UsageError: it is not a number.
    """
    given = query.get(name, "")
    if not given:
        return 0
    if not given.isascii() or not given.isdigit() or len(given) > _MOST_DIGITS:
        raise UsageError(f"{name}={given[:40]}: not a number of rows")
    return int(given)

"""Send reports by mail, chat and the other services of apprise, which is imported only when it is used.

Addresses hold passwords and tokens, so no message, log or archive contains them. Messages name an address by its
number on the command line.
"""

import logging
import os
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from archiver.errors import UsageError

if TYPE_CHECKING:
    from apprise import Apprise

VARIABLE = "ARCHIVER_NOTIFY"
_INSTALL = "run pipx install 'archiver[notify]', or pip install apprise in archiver's environment"


class Notifier:
    """Send messages to every address. A failure is reported and does not end the command."""

    def __init__(self, addresses: Sequence[str]) -> None:
        """Check the addresses. Without addresses, do nothing.

        Raises:
            UsageError: apprise is not installed, or does not know an address.
        """
        self._targets = [(_name_of(number, address), _target(number, address)) for number, address in _each(addresses)]

    def send(self, title: str, lines: Sequence[str]) -> list[str]:
        """Send a message; return an error message for each address that failed."""
        body = "\n".join(lines)
        return [
            f"the notification to {name} could not be sent"
            for name, target in self._targets
            if not _sent(target, title, body)
        ]


def addresses(given: Sequence[str] | None, environment: Mapping[str, str] = os.environ) -> list[str]:
    """Return the addresses of the command line, or those in the environment, separated by white space."""
    return list(given) if given else environment.get(VARIABLE, "").split()


def _each(addresses: Sequence[str]) -> list[tuple[int, str]]:
    return list(enumerate(addresses, 1))


def _name_of(number: int, address: str) -> str:
    """Return a name for an address without its secrets: its number and its scheme."""
    scheme = re.match(r"([a-z][a-z0-9+]{1,20})://", address, re.IGNORECASE)
    return f"address {number} ({scheme[1]}://…)" if scheme else f"address {number}"


def _target(number: int, address: str) -> "Apprise":
    with _quiet_apprise():
        try:
            import apprise  # noqa: PLC0415  (only when notifications are used)
        except ImportError:
            raise UsageError(f"notifications need the package apprise, which is not installed; {_INSTALL}") from None
        target = apprise.Apprise()
        known = target.add(address)
    if not known:
        raise UsageError(
            f"--notify: {_name_of(number, address)} is not an address that apprise knows; "
            "see https://github.com/caronc/apprise/wiki, or try it with the command `apprise`"
        )
    return target


def _sent(target: "Apprise", title: str, body: str) -> bool:
    with _quiet_apprise():
        try:
            return bool(target.notify(body=body, title=title, body_format="text"))
        except Exception:  # noqa: BLE001  (an apprise plugin failed; its message may contain the address)
            return False


@contextmanager
def _quiet_apprise() -> Iterator[None]:
    """Suppress apprise's warnings and log, which may contain an address."""
    log = logging.getLogger("apprise")
    log.propagate = False
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield

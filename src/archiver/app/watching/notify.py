"""Reports sent to people: by mail, chat and whatever else apprise knows; it is imported only when somebody is told.

Addresses hold passwords and tokens. They are in no message of ours, in no log and in no archive: an address is named by
its place on the command line.
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
_MEND = "install archiver with it: pipx install 'archiver[notify]', or pip install apprise beside it"


class Notifier:
    """Sends to every address; what cannot be sent is told and stops nothing."""

    def __init__(self, addresses: Sequence[str]) -> None:
        """Take the addresses, and nothing more if there are none.

        Raises:
            UsageError: apprise is not here, or an address is none it knows.
        """
        self._targets = [(_named(number, address), _target(number, address)) for number, address in _each(addresses)]

    def send(self, title: str, lines: Sequence[str]) -> list[str]:
        """Send; gives what went wrong, a line for each address."""
        body = "\n".join(lines)
        return [
            f"the notification to {name} could not be sent"
            for name, target in self._targets
            if not _sent(target, title, body)
        ]


def addresses(given: Sequence[str] | None, environment: Mapping[str, str] = os.environ) -> list[str]:
    """The addresses of the command line, or those in the environment, parted by white space."""
    return list(given) if given else environment.get(VARIABLE, "").split()


def _each(addresses: Sequence[str]) -> list[tuple[int, str]]:
    return list(enumerate(addresses, 1))


def _named(number: int, address: str) -> str:
    """An address without its secrets: its place and its scheme."""
    scheme = re.match(r"([a-z][a-z0-9+]{1,20})://", address, re.IGNORECASE)
    return f"address {number} ({scheme[1]}://…)" if scheme else f"address {number}"


def _target(number: int, address: str) -> "Apprise":
    with _hushed():
        try:
            import apprise  # noqa: PLC0415  (only when somebody is to be told)
        except ImportError:
            raise UsageError(f"notifications need the package apprise, which is not here; {_MEND}") from None
        target = apprise.Apprise()
        known = target.add(address)
    if not known:
        raise UsageError(
            f"--notify: {_named(number, address)} is none that apprise knows; "
            "see https://github.com/caronc/apprise/wiki, or try it with the command `apprise`"
        )
    return target


def _sent(target: "Apprise", title: str, body: str) -> bool:
    with _hushed():
        try:
            return bool(target.notify(body=body, title=title, body_format="text"))
        except Exception:  # noqa: BLE001  (a plugin of apprise failed; what it says may hold the address)
            return False


@contextmanager
def _hushed() -> Iterator[None]:
    """What apprise warns of is about itself; what it logs may hold an address."""
    log = logging.getLogger("apprise")
    log.propagate = False
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield

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
from typing import TYPE_CHECKING, Literal

from archiver.app.watching.page_events import EventFilter
from archiver.errors import UsageError
from archiver.text.install_advice import not_installed

if TYPE_CHECKING:
    from apprise import Apprise

VARIABLE = "ARCHIVER_NOTIFY"
CHANGES_VARIABLE = "ARCHIVER_NOTIFY_CHANGES"
Level = Literal["failure", "warning", "info"]
"""The type of a notification: a crawl that failed, an alarm, news. Services show them differently."""
_OFF = ("", "0", "false", "no", "off")


class Notifier:
    """Send messages to every address. A failure is reported and does not end the command."""

    def __init__(self, addresses: Sequence[str]) -> None:
        """Check the addresses. Without addresses, do nothing.

        Raises:
            UsageError: apprise is not installed, or does not know an address.
        """
        self._targets = [(_name_of(number, address), _target(number, address)) for number, address in _each(addresses)]

    @property
    def has_address(self) -> bool:
        """Return whether there is anybody to notify."""
        return bool(self._targets)

    def send(self, title: str, lines: Sequence[str], level: Level) -> list[str]:
        """Send a message; return an error message for each address that failed."""
        body = "\n".join(lines)
        return [
            f"the notification to {name} could not be sent"
            for name, target in self._targets
            if not _sent(target, title, body, level)
        ]


def addresses(given: Sequence[str] | None, environment: Mapping[str, str] = os.environ) -> list[str]:
    """Return the addresses of the command line, or those in the environment, separated by white space."""
    return list(given) if given else environment.get(VARIABLE, "").split()


def changes_filter(
    found: EventFilter, *, wanted: bool, environment: Mapping[str, str] = os.environ
) -> EventFilter | None:
    """Return which changes are announced; None when none are: neither is `wanted`, nor is the variable set.

    Raises:
        UsageError: a filter without anything to filter, an unknown nature, or an invalid pattern.
    """
    if wanted or environment.get(CHANGES_VARIABLE, "").strip().lower() not in _OFF:
        found.check()
        return found
    if found != EventFilter():
        raise UsageError(f"the filters of --notify-… need --notify-changes; add it, or set ${CHANGES_VARIABLE}=1")
    return None


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
            raise UsageError(not_installed("notifications need", "apprise")) from None
        target = apprise.Apprise()
        known = target.add(address)
    if not known:
        raise UsageError(
            f"--notify: {_name_of(number, address)} is not an address that apprise knows; "
            "see https://github.com/caronc/apprise/wiki, or try it with the command `apprise`"
        )
    return target


def _sent(target: "Apprise", title: str, body: str, level: Level) -> bool:
    with _quiet_apprise():
        from apprise import NotifyType  # noqa: PLC0415  (only when notifications are used)

        try:
            return bool(target.notify(body=body, title=title, notify_type=NotifyType(level), body_format="text"))
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

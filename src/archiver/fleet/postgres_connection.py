"""A connection to Postgres: transactions, limits of time, a new connection after a restart, and one-line errors.

No message has a password: neither the address nor psycopg's own text is passed on as it is.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from archiver.errors import FleetUnavailable, UsageError
from archiver.text.clean import printable
from archiver.text.install_advice import not_installed

if TYPE_CHECKING:
    import psycopg

T = TypeVar("T")

_SESSION = (
    "-c timezone=UTC -c statement_timeout=10s -c lock_timeout=5s -c idle_in_transaction_session_timeout=30s "
    "-c default_transaction_isolation=read\\ committed -c synchronous_commit=on "
    # planning a claim takes longer than running it; a plan that is kept must not depend on statistics: always by index
    "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off "
    # a plan with a table that has no index counts as very costly, and is compiled at each run: 0.3 s
    "-c jit=off"
)
_DEFAULTS = {
    "application_name": "archiver",
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",  # milliseconds; a server that vanished is noticed
}
logging.getLogger("psycopg").addHandler(logging.NullHandler())  # what it would print is raised, too

_ADVICE = "see whether the server runs and lets you in, then run this again"


class PostgresConnection:
    """One connection, opened when it is used, and again after it broke. Used by one thread at a time.

    Args:
        address: `postgresql://user@host:port/database`.
        check: called with each new connection before its first use.

    Raises:
        UsageError: psycopg is not installed, or the address is not one of Postgres.
    """

    def __init__(self, address: str, check: "Callable[[psycopg.Cursor], None] | None" = None) -> None:
        self._parameters = _parameters(address)
        self._check = check
        self._connection: psycopg.Connection | None = None
        self._lock = threading.Lock()
        self.place = _place(self._parameters)

    def run(self, work: "Callable[[psycopg.Cursor], T]") -> T:
        """Run `work` in a transaction and return its result. It runs again, once, when the connection was broken.

        Raises:
            FleetUnavailable: the server does not answer, refuses, or takes too long.
        """
        with self._lock:
            try:
                return self._once(work)
            except _Broken:
                pass
            try:
                return self._once(work)
            except _Broken as broken:
                raise self._unavailable(broken.error) from broken.error

    def _once(self, work: "Callable[[psycopg.Cursor], T]") -> T:
        import psycopg  # noqa: PLC0415  (an extra)

        connection = self._open()
        try:
            # in a pipeline, BEGIN and COMMIT travel with the statements: half the round trips
            with connection.pipeline(), connection.transaction(), connection.cursor() as cursor:
                return work(cursor)
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            if connection.closed or isinstance(error, psycopg.errors.DeadlockDetected):
                self._disconnect()
                raise _Broken(error) from error
            raise self._unavailable(error) from error
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction) as error:
            raise self._unavailable(error) from error
        except BaseException:
            self._disconnect()  # an error of ours, a bug, or Ctrl-C in the middle of an answer
            raise

    def _open(self) -> "psycopg.Connection":
        import psycopg  # noqa: PLC0415  (an extra)
        from psycopg.conninfo import make_conninfo  # noqa: PLC0415  (an extra)

        if self._connection is None or self._connection.closed:
            try:
                connection = psycopg.connect(make_conninfo("", **self._parameters), autocommit=True)
            except psycopg.Error as error:
                raise self._unavailable(error) from error
            try:
                if self._check is not None:
                    with connection.cursor() as cursor:
                        self._check(cursor)
            except psycopg.Error as error:
                connection.close()
                raise self._unavailable(error) from error
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _unavailable(self, error: Exception) -> FleetUnavailable:
        said = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
        password = self._parameters.get("password", "")
        if password:
            said = said.replace(password, "***")
        return FleetUnavailable(f"{self.place}: {printable(said)}; {_ADVICE}")

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.close()

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._disconnect()


class _Broken(Exception):
    """The connection is lost, or two transactions waited for each other."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


def _parameters(address: str) -> dict[str, str]:
    """Return the parameters of a connection, with ours where the address has none."""
    try:
        from psycopg import Error, conninfo  # noqa: PLC0415  (an extra)
    except ImportError:
        raise UsageError(not_installed("a fleet in Postgres needs", "'psycopg[binary]'")) from None
    try:
        given = {name: str(value) for name, value in conninfo.conninfo_to_dict(address).items() if value is not None}
    except Error:
        # psycopg's message repeats the address, which may have a password
        raise UsageError(
            "--fleet: not a valid address of Postgres; write postgresql://USER@HOST:PORT/DATABASE"
        ) from None
    options = " ".join(filter(None, (_SESSION, given.get("options"))))
    return _DEFAULTS | given | {"options": options}


def _place(parameters: dict[str, str]) -> str:
    """Return the server and the database, as messages name them."""
    host = parameters.get("host") or parameters.get("hostaddr") or "the local server"
    port = f":{parameters['port']}" if "port" in parameters else ""
    name = parameters.get("dbname", "")
    return printable(f"Postgres at {host}{port}" + (f", database {name}" if name else ""))

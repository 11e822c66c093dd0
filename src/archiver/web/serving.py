"""Run the server: uvicorn on one socket, until a signal ends it."""

import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import replace

import uvicorn

from archiver.errors import UsageError
from archiver.web.config import ServeConfig
from archiver.web.security import Guard, check_rights
from archiver.web.server_application import server_application
from archiver.web.slow_clients import TimedProtocol

_BACKLOG = 128
_FIRST_FD = 3
_MOST_CONNECTIONS = 500  # more are answered with 503
_KEEP_ALIVE = 15  # seconds that an idle connection stays open
_SHUTDOWN = 5  # seconds that running requests have to end


def bound_socket(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Raises:
        UsageError: the address or the port cannot be used; the message says why.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        made = socket.socket(family, kind, protocol)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(_BACKLOG)
    except OSError as error:
        raise UsageError(
            f"{host}:{port}: cannot listen there: {error.strerror or error}; choose another with --host and --port"
        ) from error
    return made


def serve(
    config: ServeConfig, *, listening: socket.socket | None = None, ready: Callable[[int], None] | None = None
) -> None:
    """Serve until SIGINT or SIGTERM. Running requests have some seconds to end.

    Args:
        config: the settings.
        listening: a socket that listens already, such as one of systemd; by default one is made.
        ready: called with the port when the server listens.

    Raises:
        UsageError: the port is in use, or others could read the archive without being asked who they are.
        ArchiveError: an archive cannot be opened.
    """
    made = listening or _listening(config)
    try:
        port = config.port
        if made.family == socket.AF_UNIX:
            config = replace(config, host="")
            check_rights(config, unix=True)
        else:
            host, port = made.getsockname()[:2]
            check_rights(replace(config, host=host))  # where it really listens, whatever the name says
            config = replace(config, port=port, host=host if listening else config.host)
        _Server(server_options(config), lambda: ready and ready(port)).run(sockets=[made])
    finally:
        made.close()


class _Server(uvicorn.Server):
    """A server that says when it answers: from then on a signal ends it in order."""

    def __init__(self, options: uvicorn.Config, ready: Callable[[], object]) -> None:
        super().__init__(options)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        self._ready()


def _listening(config: ServeConfig) -> socket.socket:
    check_rights(config)
    return bound_socket(config.host, config.port)


def inherited_socket(environment: Mapping[str, str] = os.environ) -> socket.socket | None:
    """Return the socket that systemd listens on for this process (`sd_listen_fds(3)`); None when there is none.

    Raises:
        UsageError: there are several, or it is no socket that listens.
    """
    if environment.get("LISTEN_PID") != str(os.getpid()):
        return None
    if environment.get("LISTEN_FDS") != "1":
        raise UsageError("LISTEN_FDS: systemd must pass exactly one socket; write one ListenStream= in the unit")
    try:
        found = socket.socket(fileno=_FIRST_FD)
        is_listening = bool(found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    except OSError as error:
        raise UsageError(f"LISTEN_FDS: file descriptor {_FIRST_FD} is no socket: {error.strerror}") from error
    if found.type != socket.SOCK_STREAM or not is_listening:
        raise UsageError("LISTEN_FDS: the socket does not listen; write ListenStream= and Accept=no in the unit")
    found.set_inheritable(False)  # a crawl that is started from here must not keep it
    return found


def server_options(config: ServeConfig) -> uvicorn.Config:
    """Return uvicorn's settings for a server."""
    return uvicorn.Config(
        Guard(server_application(config), config),
        http=TimedProtocol,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=True,
        lifespan="off",
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_SHUTDOWN,
        proxy_headers=False,
        ws="none",
        h11_max_incomplete_event_size=32_768,
        limit_concurrency=_MOST_CONNECTIONS,
    )

"""Run the server: uvicorn on one socket, until a signal ends it."""

import socket
from collections.abc import Callable
from dataclasses import replace

import uvicorn

from archiver.errors import UsageError
from archiver.web.config import ServeConfig
from archiver.web.patience import PatientProtocol
from archiver.web.security import Guard, check_rights
from archiver.web.server_application import server_application

_BACKLOG = 128
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
        is_unix = made.family == socket.AF_UNIX
        port = config.port if is_unix else int(made.getsockname()[1])
        if listening is not None:
            check_rights(replace(config, host="" if is_unix else made.getsockname()[0]), unix=is_unix)
        server = uvicorn.Server(server_options(replace(config, port=port)))
        if ready is not None:
            ready(port)
        server.run(sockets=[made])
    finally:
        made.close()


def _listening(config: ServeConfig) -> socket.socket:
    check_rights(config)
    return bound_socket(config.host, config.port)


def server_options(config: ServeConfig) -> uvicorn.Config:
    """Return uvicorn's settings for a server."""
    return uvicorn.Config(
        Guard(server_application(config), config),
        http=PatientProtocol,
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

"""The file in which all archiver processes of this user share when each server may be requested again."""

from collections.abc import Iterator
from contextlib import contextmanager

from archiver.model.clock import system_clock
from archiver.model.event import Listener, Noticed
from archiver.settings import Settings
from archiver.store.shared_hosts import SharedHostsFile


@contextmanager
def shared_servers(settings: Settings, listen: Listener) -> Iterator[SharedHostsFile | None]:
    """Open the shared file; yield None when none is configured, or when it cannot be used (`listen` gets a warning)."""
    if settings.servers is None:
        yield None
        return
    servers = SharedHostsFile.open(settings.servers, system_clock().timestamp())
    if servers is None:
        what = f"{settings.servers}: cannot be used, so other archiver processes do not share this one's rate limits; "
        listen(Noticed("", what + "name another folder with $ARCHIVER_STATE"))
    try:
        yield servers
    finally:
        if servers is not None:
            servers.close()

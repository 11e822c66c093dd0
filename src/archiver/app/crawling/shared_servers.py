"""What all archivers of this user on this machine share: when servers may be asked again."""

from collections.abc import Iterator
from contextlib import contextmanager

from archiver.model.clock import system_clock
from archiver.model.event import Listener, Noticed
from archiver.settings import Settings
from archiver.store.shared_hosts import SharedHostsFile


@contextmanager
def shared_servers(settings: Settings, listen: Listener) -> Iterator[SharedHostsFile | None]:
    """The shared file, open; None when there is none, and somebody hears of it when there should be."""
    if settings.servers is None:
        yield None
        return
    servers = SharedHostsFile.open(settings.servers, system_clock().timestamp())
    if servers is None:
        what = f"{settings.servers} cannot be used, so other archivers of this machine do not know whom we ask; "
        listen(Noticed("", what + "name another folder with $ARCHIVER_STATE"))
    try:
        yield servers
    finally:
        if servers is not None:
            servers.close()

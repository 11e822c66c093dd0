"""How a server was started: its archives, addresses and rights."""

from dataclasses import dataclass
from pathlib import Path

from archiver.model.lease import Leases
from archiver.settings import Settings

UI_PORT = 8002
REPLAY_HOST = "replay.localhost"
VIEWER_HOST = "viewer.localhost"


@dataclass(frozen=True, slots=True)
class ServedArchive:
    """One archive of the server. `name`: its place in addresses when the server has several, as `/NAME/`."""

    name: str
    settings: Settings


@dataclass(frozen=True, slots=True)
class ServeConfig:
    """The settings of a server.

    Attributes:
        archives: none (with a fleet), one or several. With one, its pages begin at `/`; with several, at `/NAME/`.
        host, port: where it listens; port 0 chooses a free one.
        prefix: the path under which a reverse proxy shows the server, such as `/archive`; "" without one.
        replay_origin: the origin that shows copies of pages, such as `http://replay.localhost:8002`; it must differ
            from the origin of the interface. "": `replay.localhost` with the port of the server.
        viewer_origin: the origin of the user's own ReplayWeb.page; "": `viewer.localhost` with the port.
        viewer: the folder of the user's own ReplayWeb.page; None without one.
        allowed_hosts: names besides the loopback ones by which the interface may be requested.
        acts: whether the interface may capture, crawl and mark.
        password_file: a file whose first line is the password that visitors must give.
        trust_header: the header in which a reverse proxy names the visitor, such as `X-Remote-User`.
        seconds: the longest time that the queries of one request may take.
        fleet: the control database of a fleet whose state is shown at `/fleet`; None without one.
    """

    archives: tuple[ServedArchive, ...]
    host: str = "127.0.0.1"
    port: int = UI_PORT
    prefix: str = ""
    replay_origin: str = ""
    viewer_origin: str = ""
    viewer: Path | None = None
    allowed_hosts: tuple[str, ...] = ()
    acts: bool = False
    password_file: Path | None = None
    trust_header: str = ""
    seconds: float = 5.0
    fleet: Leases | None = None

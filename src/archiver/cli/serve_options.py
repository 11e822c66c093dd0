"""The options of `archiver serve`, and checks of their values."""

import re
from pathlib import Path
from typing import Annotated

import typer

from archiver.errors import UsageError

Archives = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[ARCHIVE...]", help="Archives, or folders of archives. Default: that of --archive."),
]
Fleet = Annotated[
    str | None,
    typer.Option(
        "--fleet",
        metavar="URL",
        help="Also show the state of a fleet, by its control database; without ARCHIVE and --archive, only that.",
    ),
]
Host = Annotated[str, typer.Option("--host", help="Address to listen on.")]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 chooses one.")]
Acts = Annotated[bool, typer.Option("--act", help="Visitors may capture, crawl, mark changes, and add sites.")]
PasswordFile = Annotated[
    Path | None,
    typer.Option("--password-file", metavar="FILE", help="Ask visitors for the password in its first line."),
]
TrustHeader = Annotated[
    str,
    typer.Option(
        "--trust-header",
        metavar="NAME",
        help="A reverse proxy checks who visitors are, and names them in this header, such as X-Remote-User.",
    ),
]
AllowHost = Annotated[
    list[str] | None,
    typer.Option("--allow-host", metavar="NAME", help="Also answer by this host name; may be repeated."),
]
Prefix = Annotated[
    str, typer.Option("--prefix", metavar="PATH", help="A reverse proxy shows the server under this path.")
]
ReplayOrigin = Annotated[
    str,
    typer.Option(
        "--replay-origin",
        metavar="URL",
        help="Show copies of pages at this origin, which leads to the same server. [http://replay.localhost:PORT]",
    ),
]
Viewer = Annotated[
    Path | None,
    typer.Option(
        "--viewer", metavar="DIR", help="Also offer your own ReplayWeb.page: a folder with its ui.js and sw.js."
    ),
]
ViewerOrigin = Annotated[
    str, typer.Option("--viewer-origin", metavar="URL", help="Show the viewer there. [http://viewer.localhost:PORT]")
]


def prefix_path(prefix: str) -> str:
    """Return the path of a reverse proxy without a slash at its end.

    Raises:
        UsageError: it is not a path.
    """
    path = prefix.rstrip("/")
    if path and not re.fullmatch(r"(/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~-]+)+", path):
        raise UsageError(f"--prefix {prefix}: not a path; write /archive")
    return path


def web_origin(option: str, origin: str) -> str:
    """Return an origin, or "".

    Raises:
        UsageError: it is not one.
    """
    if origin and not re.fullmatch(r"https?://[A-Za-z0-9._-]+(:[0-9]{1,5})?", origin):
        raise UsageError(f"{option} {origin}: not an origin; write https://copies.example, without a path")
    return origin


def bare_name(option: str, name: str) -> str:
    """Return a name of a host or of a header, or "".

    Raises:
        UsageError: it is more than a name.
    """
    if name and not re.fullmatch(r"[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]+\]", name):
        raise UsageError(f"{option} {name}: not a name; write it without scheme, port and path")
    return name


def viewer_folder(path: Path | None) -> Path | None:
    """Return the folder of the viewer.

    Raises:
        UsageError: there is no such folder.
    """
    if path is not None and not path.is_dir():
        raise UsageError(f"--viewer {path}: there is no such folder; unpack the package there")
    return path

"""`archiver serve`: the archive in a browser."""

import re
from pathlib import Path
from typing import Annotated

import typer

from archiver.cli.context import GLOBAL_OPTIONS, OUTPUT
from archiver.errors import UsageError
from archiver.text.install_advice import not_installed

_PACKAGES = ("starlette", "jinja2", "uvicorn", "itsdangerous")


def serve(
    archives: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[ARCHIVE...]", help="Archives, or folders of archives. Default: that of --archive."),
    ] = None,
    *,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 chooses one.")] = 8002,
    acts: Annotated[
        bool, typer.Option("--act", help="Visitors may capture, crawl, mark changes, and add sites.")
    ] = False,
    password_file: Annotated[
        Path | None,
        typer.Option("--password-file", metavar="FILE", help="Ask visitors for the password in its first line."),
    ] = None,
    trust_header: Annotated[
        str,
        typer.Option(
            "--trust-header",
            metavar="NAME",
            help="A reverse proxy checks who visitors are, and names them in this header, such as X-Remote-User.",
        ),
    ] = "",
    allow_host: Annotated[
        list[str] | None,
        typer.Option("--allow-host", metavar="NAME", help="Also answer by this host name; may be repeated."),
    ] = None,
    prefix: Annotated[
        str,
        typer.Option("--prefix", metavar="PATH", help="A reverse proxy shows the server under this path."),
    ] = "",
    replay_origin: Annotated[
        str,
        typer.Option(
            "--replay-origin",
            metavar="URL",
            help="Show copies of pages at this origin, which leads to the same server. [http://replay.localhost:PORT]",
        ),
    ] = "",
    viewer: Annotated[
        Path | None,
        typer.Option(
            "--viewer", metavar="DIR", help="Also offer your own ReplayWeb.page: a folder with its ui.js and sw.js."
        ),
    ] = None,
    viewer_origin: Annotated[
        str,
        typer.Option("--viewer-origin", metavar="URL", help="Show the viewer there. [http://viewer.localhost:PORT]"),
    ] = "",
) -> None:
    """Show the archive in a browser: changes, pages over time, search, copies. Ctrl-C ends it.

    Without --act it only reads, and may run while a crawl writes. It needs the extra `web`:
    `pip install "portal-archiver[web]"`.
    """
    _demand_packages()
    from archiver.app.browsing.served_archives import served_archives  # noqa: PLC0415  (start-up)
    from archiver.app.reading.serving import prepare_to_serve  # noqa: PLC0415  (start-up)
    from archiver.web.config import ServeConfig, ServedArchive  # noqa: PLC0415  (an extra)
    from archiver.web.security import check_rights  # noqa: PLC0415  (an extra)
    from archiver.web.serving import inherited_socket  # noqa: PLC0415  (an extra)
    from archiver.web.serving import serve as run  # noqa: PLC0415  (an extra)

    listening = inherited_socket()
    config = ServeConfig(
        tuple(ServedArchive(*each) for each in served_archives(archives or (), GLOBAL_OPTIONS.find())),
        host,
        port,
        _path(prefix),
        _origin("--replay-origin", replay_origin),
        _origin("--viewer-origin", viewer_origin),
        _folder(viewer),
        tuple(_name("--allow-host", each) for each in allow_host or ()),
        acts,
        password_file,
        _name("--trust-header", trust_header) if trust_header else "",
    )
    if listening is None:
        check_rights(config)
    for each in config.archives:
        if notice := prepare_to_serve(each.settings):
            OUTPUT.say(notice)

    def say(at: int) -> None:
        OUTPUT.say(f"http://{_shown(host)}:{at}{config.prefix}/  (Ctrl-C ends it)")

    run(config, listening=listening, ready=say)


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _path(prefix: str) -> str:
    """Return the path of a reverse proxy without a slash at its end."""
    path = prefix.rstrip("/")
    if path and not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", path):
        raise UsageError(f"--prefix {prefix}: not a path; write /archive")
    return path


def _origin(option: str, origin: str) -> str:
    if origin and not re.fullmatch(r"https?://[A-Za-z0-9._-]+(:[0-9]{1,5})?", origin):
        raise UsageError(f"{option} {origin}: not an origin; write https://copies.example, without a path")
    return origin


def _name(option: str, name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]+\]", name):
        raise UsageError(f"{option} {name}: not a name; write it without scheme, port and path")
    return name


def _folder(path: Path | None) -> Path | None:
    if path is not None and not path.is_dir():
        raise UsageError(f"--viewer {path}: there is no such folder; unpack the package there")
    return path


def _demand_packages() -> None:
    """Raise UsageError if a package of the extra `web` is missing."""
    from importlib.util import find_spec  # noqa: PLC0415  (start-up)

    missing = [package for package in _PACKAGES if find_spec(package) is None]
    if missing:
        raise UsageError(not_installed("`archiver serve` needs", " ".join(missing)))

"""`archiver serve`: the archive in a browser."""

from typing import Annotated

import typer

from archiver.cli.context import GLOBAL_OPTIONS, OUTPUT
from archiver.errors import UsageError
from archiver.text.install_advice import not_installed

_PACKAGES = ("starlette", "jinja2", "uvicorn", "itsdangerous")


def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 chooses one.")] = 8002,
) -> None:
    """Show the archive in a browser: changes, pages over time, search, copies. Ctrl-C ends it.

    It reads the archive and writes nothing, and may run while a crawl writes. It needs the extra `web`:
    `pip install "portal-archiver[web]"`.
    """
    _demand_packages()
    from archiver.app.reading.serving import prepare_to_serve  # noqa: PLC0415  (start-up)
    from archiver.web.config import ServeConfig, ServedArchive  # noqa: PLC0415  (an extra)
    from archiver.web.serving import serve as run  # noqa: PLC0415  (an extra)

    settings = GLOBAL_OPTIONS.find()
    if notice := prepare_to_serve(settings):
        OUTPUT.say(notice)
    config = ServeConfig((ServedArchive(settings.archive.stem, settings),), host, port)
    run(config, ready=lambda at: OUTPUT.say(f"http://{_shown(host)}:{at}/  (Ctrl-C ends it)"))


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _demand_packages() -> None:
    """Raise UsageError if a package of the extra `web` is missing."""
    from importlib.util import find_spec  # noqa: PLC0415  (start-up)

    missing = [package for package in _PACKAGES if find_spec(package) is None]
    if missing:
        raise UsageError(not_installed("`archiver serve` needs", " ".join(missing)))

"""`datasette`: the archive in Datasette, configured."""

import json
import signal
from contextlib import suppress
from typing import Annotated

import typer

from archiver.app.exporting.datasette import configuration, serve
from archiver.cli.context import OUTPUT, reading, writing
from archiver.errors import ArchiveError
from archiver.polite.stop import endings, handling


def datasette(
    ctx: typer.Context,
    host: Annotated[str, typer.Option("--host", help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen at.")] = 8001,
    metadata: Annotated[
        bool,
        typer.Option("--metadata", "--json", help="Only print the configuration, to use with a Datasette of your own."),
    ] = False,
) -> None:
    """Look at the archive in Datasette: described, faceted, searchable, with the cookbook's questions. Ctrl-C ends it.

    What stands after `--` is handed on to Datasette. It needs the extra: pipx install 'archiver[datasette]'.
    """
    _renew_views()
    with reading() as archive:
        if metadata:
            OUTPUT.bytes((json.dumps(configuration(archive.store), ensure_ascii=False, indent=1) + "\n").encode())
            return
        OUTPUT.say(f"http://{host}:{port}/{archive.store.path.stem}  (Ctrl-C ends it)")
        with handling(endings(), signal.default_int_handler):  # ends Datasette with us
            code = serve(archive.store, host, port, ctx.args)
    if code:
        raise typer.Exit(code)


def _renew_views() -> None:
    """Datasette reads the file by itself: let its views be this archiver's, where the file may be written."""
    with suppress(ArchiveError), writing():
        pass

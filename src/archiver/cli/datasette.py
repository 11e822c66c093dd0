"""`archiver datasette`: open the archive in Datasette, with a configuration."""

import json
import signal
from contextlib import suppress
from typing import Annotated

import typer

from archiver.app.exporting.datasette import configuration, serve
from archiver.cli.context import OUTPUT, reading, writing
from archiver.errors import ArchiveError
from archiver.polite.stop import endings, handling

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command("datasette", context_settings={"allow_extra_args": True})
def datasette(
    ctx: typer.Context,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen on.")] = 8001,
    metadata: Annotated[
        bool,
        typer.Option("--metadata", "--json", help="Only print the configuration, to use it with another Datasette."),
    ] = False,
) -> None:
    """Open the archive in Datasette, with descriptions, facets, search and the cookbook's queries. Ctrl-C ends it.

    Arguments after `--` are passed to Datasette. It needs the package datasette:
    `pipx inject portal-archiver datasette`.
    """
    _update_views()
    with reading() as archive:
        if metadata:
            OUTPUT.bytes((json.dumps(configuration(archive.store), ensure_ascii=False, indent=1) + "\n").encode())
            return
        OUTPUT.say(f"http://{host}:{port}/{archive.store.path.stem}  (Ctrl-C ends it)")
        with handling(endings(), signal.default_int_handler):  # signals also end Datasette
            code = serve(archive.store, host, port, ctx.args)
    if code:
        raise typer.Exit(code)


def _update_views() -> None:
    """Migrate the archive's views if the file is writable, because Datasette reads the file directly."""
    with suppress(ArchiveError), writing():
        pass

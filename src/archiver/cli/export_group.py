"""`archiver export …`: all its commands."""

from archiver.cli import export_web
from archiver.cli.export import app

app.command("warc")(export_web.warc)
app.command("wacz")(export_web.wacz)
app.command("timemap")(export_web.timemap)

__all__ = ["app"]

"""`archiver export …`: all its commands."""

from archiver.cli import export_html, export_web
from archiver.cli.export import app

app.command("warc")(export_web.warc)
app.command("wacz")(export_web.wacz)
app.command("timemap")(export_web.timemap)
app.command("html")(export_html.html)

__all__ = ["app"]

"""`archiver fleet`: all commands of the group."""

from archiver.cli import fleet_shards
from archiver.cli.fleet import app

app.command("extract")(fleet_shards.extract)

__all__ = ["app"]

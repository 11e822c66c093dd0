"""`archiver fleet`: all commands of the group."""

from archiver.cli import fleet_shards
from archiver.cli.fleet import app

app.command("extract")(fleet_shards.extract)
app.command("move")(fleet_shards.move)
app.command("rescue")(fleet_shards.rescue)
app.command("remove")(fleet_shards.remove)

__all__ = ["app"]

"""`archiver fleet`: all commands of the group."""

from archiver.cli import fleet_questions, fleet_run, fleet_shards
from archiver.cli.fleet import app

app.command("fetch")(fleet_run.fetch)
app.command("run")(fleet_run.run)
app.command("extract")(fleet_shards.extract)
app.command("move")(fleet_shards.move)
app.command("rescue")(fleet_shards.rescue)
app.command("remove")(fleet_shards.remove)
app.command("export")(fleet_questions.export)
app.command("sql")(fleet_questions.sql)
app.command("search")(fleet_questions.search)

__all__ = ["app"]

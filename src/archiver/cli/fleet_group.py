"""`archiver fleet`: all commands of the group."""

from archiver.cli import fleet_questions
from archiver.cli.fleet import app

app.command("export")(fleet_questions.export)
app.command("sql")(fleet_questions.sql)
app.command("search")(fleet_questions.search)

__all__ = ["app"]

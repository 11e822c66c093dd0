"""The notebook of a package: pandas reads the tables by their schema and answers three questions."""

from typing import Any

READERS = {
    "csv": """    columns = {"string": "string", "integer": "Int64"}
    fields = resource["schema"]["fields"]
    types = {field["name"]: columns[field["type"]] for field in fields if field["type"] in columns}
    frame = pd.read_csv(resource["path"], dtype=types, keep_default_na=False, na_values=[""])
    for field in fields:
        if field["type"] == "datetime":
            frame[field["name"]] = pd.to_datetime(frame[field["name"]], utc=True)
    return frame
""",
    "parquet": '    return pd.read_parquet(resource["path"], dtype_backend="numpy_nullable")\n',
}
_TABLE = """import json
from pathlib import Path

import pandas as pd

package = json.loads(Path("datapackage.json").read_text(encoding="utf-8"))


def table(name):
    \"\"\"A table of this package, with its types; times are UTC.\"\"\"
    resource = next(each for each in package["resources"] if each["name"] == name)
"""
_SHOW = """

pd.Series({each["name"]: each["rows"] for each in package["resources"]}, name="rows")"""
_EDITS = """changes = table("changes")
edits = changes.groupby(["url", "field"]).agg(
    edits=("change_id", "count"),
    last=("not_after", "max"),
    added=("chars_added", "sum"),
    removed=("chars_removed", "sum"),
)
edits.sort_values("edits", ascending=False).head(20)"""
_GONE = """absences = table("absences")
gone = absences[absences["back_by"].isna()]
gone[["url", "last_seen", "gone_by", "misses", "evidence"]].sort_values("gone_by", ascending=False).head(20)"""
_GAINED = """readings = table("readings")
gained = readings[(readings["name"] == "views") & (readings["gained"] > 0)].groupby("url")["gained"].sum()
titles = table("pages").set_index("url")["title"]
gained.sort_values(ascending=False).head(20).to_frame().join(titles)"""


def start_notebook(form: str) -> dict[str, Any]:
    """Return a notebook (nbformat 4.5) for a package with tables in this format. It is not executed."""
    cells = [
        _text("# A first look\n\nRun this in the package's folder. `README.md` says what the package is."),
        _code(_TABLE + READERS[form] + _SHOW),
        _text("## What was edited most?\n\nAn edit came after `not_before` and before `not_after`."),
        _code(_EDITS),
        _text("## What is gone?"),
        _code(_GONE),
        _text("## What was read most, while it was watched?\n\nBy what the counter gained, not by what it showed."),
        _code(_GAINED),
    ]
    return {
        "cells": [{"id": f"cell-{number}", **cell} for number, cell in enumerate(cells, 1)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _text(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source.splitlines(keepends=True)}


def _code(source: str) -> dict[str, Any]:
    lines = source.splitlines(keepends=True)
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": lines}

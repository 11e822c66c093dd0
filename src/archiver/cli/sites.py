"""`archiver site …`: profiles, listed, shown, checked, tested, begun."""

import json
from pathlib import Path
from typing import Annotated

import typer

from archiver.app import profiles
from archiver.app.look import look_at
from archiver.cli.context import CHOSEN, OUTPUT, AsJson
from archiver.errors import Fault, ProfileError, UsageError
from archiver.extract.profile import parse_profile
from archiver.extract.scaffold import scaffold
from archiver.extract.schema import profile_schema
from archiver.extract.testing import run_tests
from archiver.model.profile import Profile
from archiver.text.clean import printable
from archiver.text.url import canonical, site_slug

app = typer.Typer(help="Profiles: how each portal is crawled and read.", no_args_is_help=True, rich_markup_mode=None)

Name = Annotated[str, typer.Argument(metavar="SITE", help="A profile's name, or the path of its file.")]


@app.command("list")
def list_sites(as_json: AsJson = False) -> None:
    """The profiles found in --selectors, ./selectors and those that ship, the first of each name."""
    listed = profiles.every(CHOSEN.find().selectors)
    rows = []
    for item in listed:
        site = item.profile.site if item.profile else None
        rows.append(
            (
                site.name if site else item.path.stem,
                site.title if site else "(has faults)",
                site.home if site else "",
                item.path,
            )
        )
    if as_json:
        for item, row in zip(listed, rows, strict=True):
            OUTPUT.json(
                {"site": row[0], "title": row[1], "home": row[2], "path": str(row[3]), "valid": item.error is None}
            )
        return
    OUTPUT.table(("site", "title", "home", "file"), rows)


@app.command("show")
def show_site(name: Name) -> None:
    """Print a profile's file."""
    OUTPUT.line(_profile(name).text.rstrip("\n"))


def _profile(name: str) -> Profile:
    return profiles.by_name(name, CHOSEN.find().selectors)


@app.command("schema")
def schema() -> None:
    """Print the JSON Schema of profiles, for editors that complete and check TOML."""
    OUTPUT.line(json.dumps(profile_schema(), indent=1, ensure_ascii=False, sort_keys=True))


@app.command("check")
def check(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[SITE...]", help="Default: every profile found.")
    ] = None,
) -> None:
    """Say every fault of profiles, with file, line, key and the nearest valid key."""
    folders = CHOSEN.find().selectors
    faults = 0
    if names:
        for name in names:
            try:
                OUTPUT.line(f"{name}: good ({_counts(profiles.by_name(name, folders))})")
            except ProfileError as error:
                faults += len(error.faults)
                OUTPUT.failure(str(error))
    else:
        for item in profiles.every(folders):
            if item.profile is not None:
                OUTPUT.line(f"{item.path}: good ({_counts(item.profile)})")
            else:
                faults += len(item.error.faults) if item.error else 1
                OUTPUT.failure(str(item.error))
    raise typer.Exit(ProfileError.exit_code if faults else 0)


def _counts(profile: Profile) -> str:
    return f"{len(profile.pages)} page kinds, {len(profile.tests)} tests"


@app.command("test")
def run_site_tests(name: Name, as_json: AsJson = False) -> None:
    """Read the stored pages of a profile's [[test]] tables and compare, one line a field."""
    profile = _profile(name)
    root = _root_of(profile)
    results = run_tests(profile, root)
    for result in results:
        if as_json:
            OUTPUT.json(
                {
                    "file": result.file,
                    "field": result.name,
                    "ok": result.ok,
                    "expected": result.expected,
                    "got": result.got,
                }
            )
        elif result.ok:
            OUTPUT.line(f"ok\t{result.file}\t{result.name}")
        else:
            OUTPUT.line(
                f"FAILED\t{result.file}\t{result.name}\texpected {_short(result.expected)}\tgot {_short(result.got)}"
            )
    failed = sum(not result.ok for result in results)
    if not results:
        OUTPUT.say(f"{profile.name}: no [[test]] in this profile; add one so that a changed template is noticed")
    elif not as_json:
        OUTPUT.say(f"{profile.name}: {len(results) - failed} of {len(results)} fields as expected")
    raise typer.Exit(1 if failed else 0)


def _short(value: object) -> str:
    return printable(repr(value), 300)


def _root_of(profile: Profile) -> Path:
    """Where the paths of [[test]] begin: the folder that holds `selectors/`, as in a checkout, else here."""
    folder = Path(profile.source).resolve().parent
    return folder.parent if folder.name == "selectors" else folder


@app.command("new")
def new_site(
    url: Annotated[str, typer.Argument(help="A typical page of the portal.")],
    name: Annotated[str | None, typer.Option("--name", help="The site's name; default: its host.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; '-' for stdout. Default: selectors/NAME.toml.")
    ] = None,
) -> None:
    """Write a commented starting profile from what a page itself declares."""
    address = canonical(url)
    seen = look_at(address, CHOSEN.find())
    if not seen.body:
        raise UsageError(f"{address}: {seen.outcome}, nothing to look at{f' ({seen.note})' if seen.note else ''}")
    text = scaffold(seen.url, seen.body, seen.header("content-type"), name=name)
    if output is not None and str(output) == "-":
        OUTPUT.line(text.rstrip("\n"))
        return
    path = output or Path("selectors") / f"{name or site_slug(address)}.toml"
    if path.exists():
        raise ProfileError(str(path), [Fault("", "exists already and was left as it is; name another with --output")])
    parse_profile(text, str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    OUTPUT.line(f"wrote {path}; next: edit it, then `archiver site check {path}` and `archiver capture {address}`")

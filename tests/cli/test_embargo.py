"""`archiver embargo`: exports leave pages out until a date; commands that read show them."""

import gzip
from pathlib import Path

import pytest

from redacted import SECRET, rows, watch
from watched import Town

REASON = "the donor's wish"


@pytest.fixture
def watched(town: Town) -> Town:
    watch(town, days=2)
    return town


def texts(folder: Path) -> str:
    """Return all bytes of a folder's files as text."""
    parts = []
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            data = file.read_bytes()
            parts.append((gzip.decompress(data) if file.suffix == ".gz" else data).decode("utf-8", "replace").lower())
    return "\n".join(parts)


def export(town: Town, folder: Path, *more: str) -> list[str]:
    """Write every kind of export; return what each says."""
    told = []
    for words in (
        ("csv", str(folder / "csv")),
        ("jsonl", str(folder / "jsonl")),
        ("csv", str(folder / "query.csv"), "--sql", "SELECT url, title, body FROM versions"),
        ("warc", str(folder / "warc"), "--cdxj", "--records"),
        ("wacz", str(folder / "all.wacz"), "--text", "--no-sign"),
        ("package", str(folder / "package")),
    ):
        town("export", *words, *more)
        told.append(town.err)
    town("feed", "-o", str(folder / "feed.xml"), *more)
    return [*told, town.err]


def test_no_export_has_a_page_until_the_date(watched: Town, tmp_path: Path) -> None:
    told = watched("embargo", watched.url(1), "--until", "2022-12-01", "--reason", REASON)
    assert f"{watched.url(1)}: until 2022-12-01 00:00:00 UTC: {REASON}" in told
    assert all("under an embargo" in said for said in export(watched, tmp_path / "before"))
    everything = texts(tmp_path / "before")
    secret = [word for word in SECRET if word != "zxqtaptin"]  # a linked file is a page of its own
    assert not [word for word in secret if word.lower() in everything]
    assert "tin 2" in everything
    watched("export", "timemap", watched.url(1), code=1)
    assert "under an embargo" in watched.err
    export(watched, tmp_path / "all", "--include-embargoed")
    assert [word for word in secret if word.lower() in texts(tmp_path / "all")] == secret
    assert "mementos" not in watched("export", "timemap", watched.url(1), "--include-embargoed")
    watched.server.clock.advance(days=60)
    assert not any("under an embargo" in said for said in export(watched, tmp_path / "after"))
    assert [word for word in secret if word.lower() in texts(tmp_path / "after")] == secret


def test_the_owner_reads_pages_under_an_embargo(watched: Town) -> None:
    watched("embargo", "--site", "town", "--until", "2022-12-01", "--reason", REASON)
    assert SECRET[0] in watched("show", watched.url(1))
    assert watched.url(1) in watched("search", "zxqnoidung")
    watched("export", "wacz", str(watched.folder / "x.wacz"), "--no-sign", code=2)
    assert "under an embargo" in watched.err


@pytest.mark.parametrize(
    ("pattern", "held"),
    [
        ("{home}/a/", {1, 2, 3, 4, 5}),
        ("{home}/a/1", {1}),
        ("{home}/a/1$", {1}),
        ("{home}/*/2", {2}),
        ("{home}/*$", {1, 2, 3, 4, 5}),
        ("/a/3", {3}),
        ("{home}/b/", set()),
        ("http://other.example/", set()),
        ("{home}/a", {1, 2, 3, 4, 5}),
        ("{home}/a$", set()),
    ],
)
def test_patterns_are_those_of_robots_txt(watched: Town, pattern: str, held: set[int]) -> None:
    watched(
        "embargo", pattern.format(home=watched.server.url), "--site", "town", "--until", "2022-12-01", "--reason", "r"
    )
    with watched.server.open(watched.path) as archive:
        for number in range(1, 6):
            assert archive.is_embargoed(watched.url(number)) == (number in held)
            assert not archive.is_embargoed(watched.url(number), "2022-12-01")


def test_an_embargo_is_listed_and_lifted(watched: Town) -> None:
    assert "no embargo stands" in watched("embargo")
    watched("embargo", watched.url(1), "--until", "2022-12-01", "--reason", REASON)
    watched("embargo", "--site", "town", "--until", "2023-01-01", "--reason", "other")
    assert [row["pattern"] for row in watched.json("embargo")] == [watched.url(1), ""]
    watched("embargo", watched.url(1), "--lift")
    assert "lifted: 1 rule" in watched("embargo", "--site", "town", "--lift")
    assert "no embargo stands" in watched("embargo")
    assert [row["lifted_at"] is not None for row in rows(watched.path, "SELECT * FROM embargoes")] == [True, True]
    watched("embargo", watched.url(1), "--lift", code=1)
    watched("verify", "--deep")


@pytest.mark.parametrize(
    "words",
    [
        ("--until", "2022-12-01", "--reason", "r"),
        ("http://x.example/", "--reason", "r"),
        ("http://x.example/", "--until", "2020-01-01", "--reason", "r"),
        ("http://x.example/", "--until", "soon", "--reason", "r"),
        ("http://x.example/", "--until", "2022-12-01"),
        ("/a/", "--until", "2022-12-01", "--reason", "r"),
        ("ftp://*", "--until", "2022-12-01", "--reason", "r"),
        ("http://x.example/", "--until", "2022-12-01", "--lift"),
    ],
)
def test_wrong_arguments_are_one_line(watched: Town, words: tuple[str, ...]) -> None:
    watched("embargo", *words, code=2)
    assert len(watched.err.splitlines()) == 1

"""The writer of Atom feeds, with values that a hostile page may have."""

from collections.abc import Iterable

import feedparser
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archiver.export.atom import Author, Entry, FeedHead, atom, iri
from atom_check import ATOM, LANG, check_feed

AUTHOR = Author("Cổng thông tin", "http://portal.example/")
ID = "urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8"
HEAD = FeedHead(ID, "Changes", "2022-10-21 09:00:00", AUTHOR, "1.0")
HOSTILE = [
    "<script>alert(1)</script> & ]]> <!-- --> <?pi?>",
    "\x00\x01\x0b\x1b[31m\x7f\x85 \ud800 \ufffe \uffff",
    "\u202egnp.exe\u202c \u200f",
    "&lt;b&gt; &#0; &bogus; %zz",
    "'\"><x y='",
    "x" * 1_000_000,
    "",
]


def made(value: str, **changes: str) -> Entry:
    values = {
        "id": ID,
        "title": value,
        "updated": "2022-10-21 09:00:00",
        "summary": value,
        "html": value,
        "url": "http://a/",
    }
    values |= changes
    language = values.pop("language", "vi")
    return Entry(**values, author=Author(value), categories=("edited", value or "x"), language=language)


def written(entries: Iterable[Entry], head: FeedHead = HEAD) -> bytes:
    return "".join(atom(head, entries)).encode()


def test_an_entry_has_its_values() -> None:
    data = written([made("Học phí")])
    (entry,) = check_feed(data)
    assert entry.get(LANG) == "vi"
    read = feedparser.parse(data)
    assert not read.bozo
    assert (read.version, read.feed.title, read.feed.id) == ("atom10", "Changes", ID)
    (item,) = read.entries
    assert (item.title, item.link, item.updated, item.published) == (
        "Học phí",
        "http://a/",
        "2022-10-21T09:00:00Z",
        "2022-10-21T09:00:00Z",
    )
    assert item.content[0].type == "text/html"


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_values_give_a_valid_feed(value: str) -> None:
    (entry,) = check_feed(written([made(value)]))
    assert len(list(entry.iter())) == 12 - (not value)
    assert entry.findtext(f"{ATOM}title") is not None


@given(st.text(), st.text())
@example("\x1f", "")
def test_any_text_gives_a_valid_feed(value: str, url: str) -> None:
    entries = check_feed(written([made(value, url=f"http://portal.example/{url}", language=value)]))
    assert len(entries) == 1


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://a.example/x?y=1&z=%20#top", "http://a.example/x?y=1&z=%20#top"),
        ("http://a.example/wiki/Quận_11", "http://a.example/wiki/Quận_11"),
        ("http://[::1]:8080/a[0]", "http://[::1]:8080/a%5B0%5D"),
        ('http://a.example/a b"<>\\^`{|}%zz#a#b', "http://a.example/a%20b%22%3C%3E%5C%5E%60%7B%7C%7D%25zz#a%23b"),
        ("http://a.example/\x00\n\u202e\ud800", "http://a.example/%00%0A%E2%80%AE?"),
    ],
)
def test_addresses_become_iris(address: str, expected: str) -> None:
    assert iri(address) == expected


def test_an_empty_feed_is_valid() -> None:
    data = written([], FeedHead(ID, "", "1970-01-01 00:00:00", AUTHOR, "1.0", "http://b/", "http://c/feed.atom"))
    assert check_feed(data) == []
    assert not feedparser.parse(data).bozo


def test_a_feed_is_written_piece_by_piece() -> None:
    taken = []

    def entries() -> Iterable[Entry]:
        for number in range(3):
            taken.append(number)
            yield made("x")

    pieces = atom(HEAD, entries())
    while not next(pieces).startswith("<entry"):
        pass
    assert taken == [0]

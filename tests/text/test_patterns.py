"""Patterns of profiles: the same matches as `re`, and no text on which they hang."""

import contextlib
import pickle
import re
import time
import warnings
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.extract.doubts import patterns_of
from archiver.extract.profile import load_profile
from archiver.text import patterns
from archiver.text.pattern_ambiguity import is_exponential
from archiver.text.pattern_cost import fixed_start, safe_length
from archiver.text.patterns import LONGEST_SEARCHED, PAGE_SECONDS, PageTime, Pattern, PatternTimeout

SHIPPED = Path(__file__).parents[2] / "selectors"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pattern has run out of time in this process."""
    monkeypatch.setattr(patterns, "_TIMEOUTS", Counter())
    monkeypatch.setattr(patterns, "_WARNED", set())


HANGS = [
    (r"^(a+)+$", "a" * 40 + "!"),
    (r"(a|aa)+$", "a" * 100 + "!"),
    (r"^(?:a|a?b?)+$", "ab" * 60 + "!"),
    (r"(?:\d{1,3}|\d+)*x", "1" * 300 + "y"),
    (r"(\w+\s?)+:", "a a " * 200),
    (r"a+$", "a" * 150_000 + "b"),
    (r"a.*b.*c.*d.*e", "a" * 2000 + "b" * 2000 + "c" * 2000 + "d" * 2000),
    ("(?:a|a)" * 30 + "x", "a" * 40),
    ("(a?)" * 30 + "a" * 30, "a" * 29),
    (r"(x{1,100}){1,5}y", "x" * 600),
    (r"(?i)(A|a|aa)+!", "a" * 100),
]


@pytest.mark.parametrize(("pattern", "text"), HANGS)
def test_a_search_ends_in_time(pattern: str, text: str) -> None:
    began = time.process_time()
    with contextlib.suppress(PatternTimeout):
        assert PageTime().search(Pattern(pattern), text) is None
    assert time.process_time() - began < 3


def test_all_searches_of_a_page_end_in_time() -> None:
    began, page = time.process_time(), PageTime()
    for _ in range(300):
        with pytest.raises(PatternTimeout):
            page.search(Pattern(r"(a|aa)+$"), "a" * 100 + "!")
    assert time.process_time() - began < PAGE_SECONDS + 3


def test_a_page_that_used_up_its_time_still_gets_what_is_quick() -> None:
    page = PageTime(0.0)
    found = page.search(Pattern(r"(?:\d+,)*\d+ views"), "1,234 views")
    assert found is not None
    assert found[0] == "1,234 views"


def test_addresses_that_take_too_long_do_not_match_and_are_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    pattern = Pattern(r"/(b|bb)+$")
    began = time.process_time()
    for number in range(400):
        assert pattern.search(f"http://portal.example/{'b' * 100}!{number}") is None
    assert time.process_time() - began < 5
    assert pattern.search("http://portal.example/bbb") is not None
    assert [record.message.count(repr(pattern.pattern)) for record in caplog.records] == [1]


def test_other_threads_run_meanwhile() -> None:
    import threading

    ticks: list[float] = []
    done = threading.Event()

    def tick() -> None:
        while not done.is_set():
            ticks.append(time.monotonic())
            time.sleep(0.01)

    thread = threading.Thread(target=tick)
    thread.start()
    with pytest.raises(PatternTimeout):
        PageTime().search(Pattern(r"(a|aa)+$"), "a" * 100 + "!")
    done.set()
    thread.join()
    assert len(ticks) > 10


def test_a_pattern_travels_and_is_what_it_says() -> None:
    pattern = Pattern("a+")
    travelled = pickle.loads(pickle.dumps(pattern))  # noqa: S301
    assert travelled == pattern == Pattern("a+") != Pattern("a")
    assert hash(pattern) == hash(Pattern("a+"))
    with pytest.raises(re.error):
        Pattern("(")


DAMAGE = [
    (r"a{x}", "a{x}"), (r"a{,2}b", "aab"), (r"a{2,}", "aaa"), (r"x{e<=1}", "x{e<=1}"), (r"[[:alpha:]]", "a:]"),
    (r"[[a]", "["), (r"[]a]+", "a]"), (r"[^]a]+", "xa"), (r"[a||b]+", "a|b"), (r"[a&&b]+", "&"), (r"\{x}", "{x}"),
    (r"[\]{x]+", "{x]"), (r"(?#[)a{y}", "a{y}"), (r"{", "{"), (r"a{1}{", "a{"), (r"(?i)ĐỒNG", "đồng"), (r"\bvăn\b", "một văn"),
    (r"[[\]]+", "[]"), (r"a{,}b", "aab"), (r"(?m)^b$", "a\nb\nc"), (r"(?s)a.b", "a\nb"), (r"(?x) a b # {c [", "ab"),
    (r"[^\W\d]+", "ab1c_d"), (r"[\W\d]+", "a1 -b"), (r"\w+", "हिन्दी की"), (r"\bदी", "हिन्दी"), (r"(?a)\w+", "vănb"), (r"\S+\s", "a\x1f"),
    (r"(?i)ß+", "SSß"), (r"\N{LATIN SMALL LETTER A}{2}", "aa"), (r"[\N{DIGIT ONE}-3]+", "a123"), (r"[+--]+", "a-+z"), (r"[~~&&]+", "~&"),
    (r"[\S]+", "a b"), (r"a\Bb\b", "ab a"), (r"(?P<n>a)(?P=n)(?(n)b|c)", "aab"), (r"a++(?>b)", "aab"), ("a\\Z", "ba"), ("^a$", "a\n"),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "text"), DAMAGE)
def test_both_engines_read_an_expression_alike(pattern: str, text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # `re` finds sets such as '[[a]' odd
        timed, plain = patterns._timed(pattern), re.compile(pattern)
    assert timed is not None
    for each in (text, "", text + " " + text, "x" + text):
        ours, theirs = timed.search(each), plain.search(each)
        assert (ours and (ours.span(), ours.groups())) == (theirs and (theirs.span(), theirs.groups()))


def _shipped() -> list[str]:
    """The patterns of the profiles that ship."""
    return sorted(
        {pattern.pattern for path in SHIPPED.glob("*.toml") for _, pattern in patterns_of(load_profile(path))}
    )


@pytest.mark.parametrize("pattern", _shipped())
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_patterns_that_ship_match_alike_in_both_engines(pattern: str, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(pattern) | st.text(max_size=60))
    ours, theirs = patterns._timed(pattern).search(text), re.search(pattern, text)
    assert (ours and (ours.span(), ours.groups())) == (theirs and (theirs.span(), theirs.groups()))
    assert not is_exponential(pattern)


def test_there_are_patterns_that_ship() -> None:
    assert len(_shipped()) > 20


@pytest.mark.parametrize(
    ("pattern", "least", "most"),
    [
        ("/post/", 10_000, 10**9),
        (r"^/a/\d+$", 10_000, 10**9),
        (r"\d+$", 500, 5_000),
        (r"(a+)+$", -1, -1),
        (r"(?:a|b{2,9})+", -1, -1),
        (r"(?=(a|aa)+b)a", -1, -1),
        (r"(?:x{1,100}){1,5}y", -1, -1),
        (r"(?:\d\d/){0,2}", 10_000, 10**9),
    ],
)
def test_the_safe_length_follows_from_the_structure(pattern: str, least: int, most: int) -> None:
    assert least <= safe_length(pattern) <= most


@pytest.mark.parametrize(
    ("pattern", "start"),
    [
        (r"^Photo:\s*(.+)$", "Photo:"),
        (r"\APho", "Pho"),
        (r"^Ảnh?:", "Ản"),
        (r"^(?:Photo|Image):", ""),
        (r"Photo:", ""),
        (r"(?m)^Photo:", ""),
        (r"(?i)^Photo:", ""),
        (r"^(?i:Photo):", ""),
        (r"^Photo|Image", ""),
    ],
)
def test_the_fixed_start_of_a_pattern(pattern: str, start: str) -> None:
    assert fixed_start(pattern) == start


def test_a_text_that_begins_otherwise_is_not_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long paragraph that cannot match costs no search with a time limit."""
    monkeypatch.setattr(patterns, "_timed_search", None)
    caption = Pattern(r"^Photo:\s*-?\s*(.+)$")
    assert PageTime().search(caption, "A long paragraph. " * 100) is None
    assert PageTime().search(caption, "Photo: - a caption") is not None


def test_a_text_is_searched_to_the_same_place_by_both() -> None:
    text = "y" * LONGEST_SEARCHED + "x"
    assert PageTime().search(Pattern("x"), text) is None
    assert PageTime().search(Pattern("x+"), text) is None
    assert PageTime().search(Pattern("x"), text[1:]) is not None


@pytest.mark.parametrize(
    "pattern",
    [
        r"^(a+)+$", r"(a|aa)+$", r"(\w+\s?)+:", r"^(([a-z])+.)+[A-Z]([a-z])+$", r"(.*a){25}$", r"(x+x+)+y",
        r"^(\d+,?)*$", r"(?:a*)*b", r"([^x]|\s)*x$", r"^(?:.*?,)*z", r"(\s*\w*\s*)*$", r"(a+|b)*c", r"((ab)*)*c",
        r"(?:\d{2}|\d{3})+x", r"(a+b?)+c", r"(?i)(a+|B)*A$", r"^(([^@]+)+)@$", r"(a*a*)+b", r"(no|no ?)+$", r"(?:a(?:b?|c?))*d",
    ],
)  # fmt: skip
def test_exponential_patterns_are_told(pattern: str) -> None:
    assert is_exponential(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?:[^/]+/)*[^/]+\.html$", r"^(a+)+", r"^([A-Z]+ ?)+", r"(\d+,)*\d+$", r"a+b+c+$", r"(?:ab|cd)+e", r"(?>a+)+b",
        r"(?:a+)++b", r"^(?:\d{2}){3,}$", r"(?:\d\d/){0,2}x", r"[\w.]+@[\w.]+\.\w+$", r"(a|b)*c", r"(?:\s+\w+)*$",
        r"^\s*([^:]+):\s*(.*)$", r"(\d{1,3}(?:[.,]\d{3})*)\s*lượt", r"a{1000}", r"(?:a{20}){20}", "",
    ],
)  # fmt: skip
def test_other_patterns_are_not(pattern: str) -> None:
    assert not is_exponential(pattern)

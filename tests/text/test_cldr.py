"""The words of CLDR: a file that a script writes, read line by line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from babel.core import get_cldr_version

from archiver.text import cldr
from archiver.text.cldr import language_words, languages, primary_of, word_key

ROOT = Path(__file__).parent.parent.parent
FILE = Path(cldr.__file__).with_name("cldr_words.jsonl")


def test_the_file_is_what_the_script_writes() -> None:
    version = json.loads(FILE.read_text(encoding="utf-8").splitlines()[0])["cldr"]
    if version != get_cldr_version():
        pytest.skip(f"the file is of CLDR {version}, babel of {get_cldr_version()}")
    subprocess.run([sys.executable, "docs/cldr_words.py", "--check"], cwd=ROOT, check=True)


def test_the_words_of_a_language() -> None:
    turkish = language_words("tr")
    assert turkish is not None
    assert (turkish.months[9], turkish.weekdays[4]) == (("Eki", "Ekim"), ("Cum", "Cuma"))
    assert (turkish.periods["ÖS"], turkish.units["bin"], turkish.numeric) == (0xFFF000, 3, "dMy")
    swahili = language_words("sw")
    assert swahili is not None
    assert swahili.units_before["elfu"] == 3
    assert language_words("") is None
    assert language_words("xx") is None


def test_every_language_is_whole() -> None:
    assert len(languages()) > 250
    for language in languages():
        words = language_words(language)
        assert words is not None
        assert (len(words.months), len(words.weekdays)) == (12, 7)
        assert all(0 < hours < 1 << 24 for hours in words.periods.values())
        assert all(0 <= power <= 16 for power in words.units.values())


@pytest.mark.parametrize(
    ("tag", "primary"),
    [("vi", "vi"), ("VI-vn", "vi"), ("en_US", "en"), ("iw", "he"), ("tl-PH", "fil"), ("", ""), ("zh-Hant-TW", "zh")],
)
def test_the_first_subtag(tag: str, primary: str) -> None:
    assert primary_of(tag) == primary


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("μ. μ.", "ΜΜ"),
        ("صباحًا", "صباحا"),
        ("ألف", "الف"),
        ("ÖS", "os"),
        ("हज़ार", "हजार"),
        ("אחה״צ", 'אחה"צ'),
        ("İl", "il"),
    ],
)
def test_words_are_compared_without_accents_and_marks(one: str, other: str) -> None:
    assert word_key(one) == word_key(other)

"""A tag with too many attributes loses them and does not slow the crawl; a long text costs nothing."""

import pytest

from archiver.extract.bounds import bounded


@pytest.mark.parametrize("attribute", ["a{}=1 ", "a{} ", "a{}='>' ", "a{}/", 'a{}="<b>" ', "'a{} "])
def test_attributes_beyond_reason_are_dropped(attribute: str) -> None:
    html = "<p>before</p><div " + "".join(attribute.format(number) for number in range(30_000)) + "><p>after</p>"
    short, notes = bounded(html)
    assert len(short) < 200
    assert "<p>before</p>" in short
    assert "after" in short
    assert notes == ("1 tags with more than 10000 attributes lost them",)


def test_long_text_and_long_values_stay() -> None:
    html = "<p>" + "một hai ba " * 20_000 + f"<p data-x='{'a b ' * 2000}'>"
    assert bounded(html) == (html, ())

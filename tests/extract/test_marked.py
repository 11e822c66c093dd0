"""Marks of a difference in a page: words in place, markup whole, signs and styles that cannot be hidden."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.extract.marked import marked_page
from archiver.extract.page_words import page_words
from archiver.extract.tree import Document

_MARK = re.compile(r'<(ins|del) data-archived="(?:ins|del)" style="[^"]*">')


def marked(old: str, new: str, *images: str) -> str:
    """Return the new page with short marks: [+came+] and [-went-]."""
    html = _MARK.sub("[", marked_page(old, new, images).html)
    return html.replace("</ins>", "+]").replace("</del>", "-]").replace("\u2212", "-")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("<p>278 người dự</p>", "<p>337 người dự</p>", "<p>[-278-][+337+] người dự</p>"),
        ("<p>a b c</p>", "<p>a c</p>", "<p>a [-b -]c</p>"),
        ("<p>a b</p>", "<p>a b c d</p>", "<p>a b [+c d+]</p>"),
        ("<p>a <b>b</b> c</p>", "<p>a <b>x</b> c</p>", "<p>a <b>[-b-][+x+]</b> c</p>"),
        ("<p>one</p><p>two</p><p>three</p>", "<p>one</p><p>three</p>", "<p>one</p><p>[-two-]<br>three</p>"),
        ("<p>one</p>", "<p>one</p><p>two</p>", "<p>one</p><p>[+two+]</p>"),
        ("<ul><li>a<li>b</ul>", "<ul><li>a<li>c</ul>", "<ul><li>a<li>[-b-][+c+]</ul>"),
        ("<table><tr><td>1<td>2</table>", "<table><tr><td>1<td>3</table>", "<table><tr><td>1<td>[-2-][+3+]</table>"),
        ("<pre>a\n  b</pre>", "<pre>a\n  c</pre>", "<pre>a\n  [-b-][+c+]</pre>"),
        ("<p>a</p>", "<p>a &lt;b&gt; &amp;</p>", "<p>a [+&lt;b&gt; &amp;+]</p>"),
        ("<p>x <i>&lt;a&gt;</i></p>", "<p>x</p>", "<p>x[ -&lt;a&gt;-]</p>"),
        ("<script>1</script><p>a", "<script>2</script><p>a", "<script>2</script><p>a"),
        ("<title>1</title><textarea>1</textarea><p>a", "<title>2</title><textarea>2</textarea><p>a", "<title>2</title><textarea>2</textarea><p>a"),
        ("<select><option>1</select><p>a", "<select><option>2</select><p>a", "<select><option>2</select><p>a"),
        ("<svg><text>1</text></svg><p>a", "<svg><text>2</text></svg><p>a", "<svg><text>2</text></svg><p>a"),
        ("<p>a<!-- 1 -->b", "<p>a<!-- 2 -->b", "<p>a<!-- 2 -->b"),
        ("<p>a", "<p class='b'>a", "<p class='b'>a"),
        ("", "<p>all new", "<p>[+all new+]"),
        ("<p>all gone", "<p>", "<p>"),
        ("<b>H</b>ello", "<i>H</i>ello", "<i>H</i>ello"),
    ],
)  # fmt: skip
def test_words_are_marked_where_they_stand(old: str, new: str, expected: str) -> None:
    assert marked(old, new) == expected


def test_a_mark_has_a_sign_and_a_style_of_its_own() -> None:
    html = marked_page("<p>a", "<style>ins{display:none!important}</style><p>b").html
    assert re.search(
        r'<ins [^>]*style="all:unset!important;display:inline!important;visibility:visible!important[^"]*">\+b</ins>',
        html,
    )
    assert re.search(r'<del [^>]*style="[^"]*text-decoration:line-through!important">\u2212a</del>', html)


def test_a_changed_image_is_marked() -> None:
    html = marked_page(
        "<p>a", "<p>a<img src='/i.png'><img style='x' src='/j.png'><img src='/k.png'>", {"/i.png", "/j.png"}
    ).html
    assert len(re.findall(r"\+image</ins><img ", html)) == 2
    assert html.count("outline:") == 1


def test_long_pages_are_not_compared_and_say_so() -> None:
    found = marked_page("<p>" + "a " * 300_000, "<p>" + "b " * 300_000)
    assert found.is_cut
    assert not _MARK.search(found.html)


_PIECES = st.sampled_from(["<p>", "</p>", "<table>", "<tr>", "<td>", "</table>", "<li>", "<b>", "</b>", "<pre>", "</pre>", "<script>x</script>", "một", "hai", "ba ", " 4", "&amp;", "&lt;", "\n", "<!-- c -->", "<svg>", "</svg>", "<select>", "</select>", "<br>", "<", "<img src=x>"])  # fmt: skip
_PAGES = st.lists(_PIECES, max_size=25).map("".join)


@given(_PAGES, _PAGES)
def test_without_its_marks_a_page_is_as_it_was(old: str, new: str) -> None:
    html = marked_page(old, new).html
    plain = re.sub(r"(?:<del [^>]*>[^<]*</del>(?:<br>(?=<del ))?)+(?:<br>)?", "", html)
    plain = re.sub(r"<ins [^>]*>(\s*)\+([^<]*)</ins>", r"\1\2", plain)
    assert page_words(plain).text == page_words(new).text


@given(_PAGES)
def test_equal_pages_have_no_marks(html: str) -> None:
    found = marked_page(html, html)
    assert (found.html, found.added, found.removed) == (html, 0, 0)


@given(_PAGES, _PAGES)
def test_marks_never_add_other_elements(old: str, new: str) -> None:
    def tags(html: str) -> list[str | None]:
        return [node.tag for node in Document(html, scripting=False).css("*") if node.tag not in ("ins", "del", "br")]

    assert tags(marked_page(old, new).html) == tags(new)

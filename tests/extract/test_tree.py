"""The interface of the parser: paths, selectors, removing nodes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.extract.tree import Document, ancestry, attribute, check_css, node_path


@pytest.mark.parametrize(
    "selector", ["h3", "#content > p.x", "a[href$='.pdf' i]", "p:has(b)", "div p, li", "p:nth-child(2n)"]
)
def test_good_selectors(selector: str) -> None:
    assert check_css(selector) is None


@pytest.mark.parametrize(
    "selector", ["", " ", "h3[.", "div >", "p:foo", "p::before", "a,", "\ud800", "p{}", "x" * 3000]
)
def test_bad_selectors(selector: str) -> None:
    assert check_css(selector)


def test_a_path_has_tags_ids_classes_and_positions() -> None:
    document = Document("<div></div><div id=content><p>a</p><p class='b c'>b</p><p>c</p></div>")
    paths = [node_path(node) for node in document.css("p")]
    root = "html > body > div#content:nth-of-type(2) > "
    assert paths == [root + "p", root + "p.b:nth-of-type(2)", root + "p:nth-of-type(3)"]


@given(
    st.recursive(
        st.just("x"),
        lambda inner: st.lists(st.tuples(st.sampled_from(["p", "div", "b", "ul"]), inner), max_size=4).map(
            lambda pairs: "".join(f"<{tag} class='{tag}1'>{text}</{tag}>" for tag, text in pairs)
        ),
        max_leaves=20,
    )
)
def test_the_first_node_a_path_finds_is_the_node(html: str) -> None:
    document = Document(f"<body>{html}")
    for node in document.css("body *"):
        assert document.css(node_path(node))[0].mem_id == node.mem_id


def test_strange_ids_and_classes_stay_out_of_a_path() -> None:
    document = Document('<p id="a b&gt;" class="1x &quot;"><b>x</b></p>')
    node = document.first("b")
    assert node is not None
    assert node_path(node) == "html > body > p > b"


def test_cut_takes_nodes_out_and_forgets_what_was_found() -> None:
    document = Document("<div class=a><p class=a>x</p></div><p>y</p>")
    assert len(document.css("p")) == 2
    assert document.remove(document.css(".a"))
    assert [node.text() for node in document.css("p")] == ["y"]
    assert not document.remove(document.css("html"))


def test_attribute_of_every_sort() -> None:
    node = Document("<p a b='' c=x>").first("p")
    assert node is not None
    assert [attribute(node, name) for name in "abcd"] == ["", "", "x", None]
    assert [above.tag for above in ancestry(node)] == ["p", "body", "html"]


@given(st.lists(st.sampled_from(["<div class=a>", "<div id=b>", "<p class=c>", "<i>", "</div>", "</p>", "</i>", "x"])))
def test_selectors_of_two_parts_find_the_same_by_their_parts(tags: list[str]) -> None:
    html = "".join(tags)
    whole, parts = Document(html), Document(html)
    names = ["div.a", "#b", "p.c", "i", "[class*='c']", "[class*='C' i]", "div"]
    for selector in [f"{outer}{mark}{inner}" for outer in names for mark in (" ", " > ") for inner in names]:
        expected = [whole.path(node) for node in whole.css(selector)]
        assert [parts.path(node) for node in parts.css_by_parts(selector)] == expected, selector

"""Declarative shadow DOM is content: it is read where it is shown, with the children of its host in its slots."""

import time

import pytest

from archiver.extract.page import ParsedPage


def body(html: str) -> str:
    page = ParsedPage(f"<!doctype html><body>{html}", "http://p.example/")
    node = page.document.first("body")
    assert node is not None
    return page.paragraphs(node)


ROOT = "<template shadowrootmode=open>"
TREES = {
    "open": (f"<x-a>{ROOT}<p>Bài ở trong</p></template></x-a>", "Bài ở trong"),
    "closed": ("<x-a><template shadowrootmode=closed><p>Bài ở trong</p></template></x-a>", "Bài ở trong"),
    "in capitals": ("<X-A><TEMPLATE SHADOWROOTMODE=Open><P>Bài</P></TEMPLATE></X-A>", "Bài"),
    "in an ordinary element": (f"<article>{ROOT}<h2>đề</h2><p>bài</p></template></article>", "đề\n\nbài"),
    "within text": (f"<p>trước <x-a>{ROOT}trong</template></x-a> sau</p>", "trước trong sau"),
    "within another": (
        f"<x-a>{ROOT}<p>một</p><y-b>{ROOT}<p>hai</p></template></y-b></template></x-a><p>ba</p>",
        "một\n\nhai\n\nba",
    ),
    "beside others": (f"<x-a>{ROOT}<p>một</p></template></x-a><x-a>{ROOT}<p>hai</p></template></x-a>", "một\n\nhai"),
    "a slot": (f"<x-a>{ROOT}<h2>đề</h2><slot></slot><p>hết</p></template><p>bài</p></x-a>", "đề\n\nbài\n\nhết"),
    "slots with names": (
        f"<x-a>{ROOT}<h2><slot name=t></slot></h2><slot></slot></template><p>bài</p><b slot=t>đề</b></x-a>",
        "đề\n\nbài",
    ),
    "a slot for text": (f"<x-a>{ROOT}<p><slot></slot>!</p></template>chào</x-a>", "chào!"),
    "what an empty slot shows": (f"<x-a>{ROOT}<p><slot name=t>không đề</slot></p></template></x-a>", "không đề"),
    "a full slot does not show it": (f"<x-a>{ROOT}<slot>trống</slot></template>bài</x-a>", "bài"),
    "a slot passed on": (
        f"<x-a>{ROOT}<y-b>{ROOT}<p><slot></slot></p></template><slot></slot></y-b></template>bài</x-a>",
        "bài",
    ),
    "what no slot takes is not shown": (f"<x-a>{ROOT}<p>bài</p></template><p>ẩn</p>chữ</x-a>", "bài"),
    "the second is a template": (f"<x-a>{ROOT}<p>một</p></template>{ROOT}<p>hai</p></template></x-a>", "một"),
    "no such mode": ("<x-a><template shadowrootmode=x><p>ẩn</p></template>chữ</x-a>", "chữ"),
    "an attribute that no browser knows any more": ("<x-a><template shadowroot=open>ẩn</template>chữ</x-a>", "chữ"),
    "an element that has no shadow root": (f"<ul>{ROOT}<li>ẩn</template><li>mục</ul>", "- mục"),
    "in a template": (f"<template><x-a>{ROOT}<p>ẩn</p></template></x-a></template>chữ", "chữ"),
    "hidden in it": (f"<x-a>{ROOT}<p hidden>ẩn</p><p>bài</p></template></x-a>", "bài"),
}


@pytest.mark.parametrize(("html", "text"), TREES.values(), ids=TREES.keys())
def test_what_is_shown(html: str, text: str) -> None:
    assert body(html) == text


def test_rules_find_what_is_in_a_shadow_tree_and_what_no_slot_takes() -> None:
    page = ParsedPage(f"<x-a>{ROOT}<div id=b>một</div></template><i id=c>hai</i></x-a>", "http://p.example/")
    nodes = [page.document.first(selector) for selector in ("x-a > #b", "#c")]
    assert [page.line(node) for node in nodes if node is not None] == ["một", "hai"]


@pytest.mark.parametrize(
    "html",
    [
        f"<div>{ROOT}" * 1_900 + "x",
        f"<div>{ROOT}a<slot></slot></template>b</div>" * 20_000,
        f"<div>{ROOT}" + "<slot></slot>" * 20_000 + "</template>" + "<i></i>" * 20_000,
        (f"<div>{ROOT}" + f"<div>{ROOT}a</template></div>" * 100) * 500,
    ],
)
def test_hostile_trees_take_no_time(html: str) -> None:
    started = time.process_time()
    body(html)
    assert time.process_time() - started < 8

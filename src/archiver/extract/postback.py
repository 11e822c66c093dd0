"""ASP.NET paging: a link that is `javascript:__doPostBack('target','argument')` is a form with hidden fields."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from archiver.extract.page import ParsedPage
from archiver.extract.tree import Node, attribute
from archiver.model.postback import Postback

_STRING = r"""\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*"""
_CALL = re.compile(rf"(?:__doPostBack|WebForm_PostBackOptions)\({_STRING},{_STRING}")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_EVENTS = ("__EVENTTARGET", "__EVENTARGUMENT")
_HIDDEN = 'input[type="hidden" i]'
_LONGEST_SCRIPT = 20_000
_MOST_FIELDS = 500
_LONGEST_TEXT = 60
MOST_FORMS = 100
"""The maximum number of links of one page that send a form. Each has all hidden fields: 100 with 50 kB are 5 MB."""


def postbacks_of(nodes: Sequence[Node], page: ParsedPage) -> tuple[Postback, ...]:
    """Return the forms that links send, complete with hidden fields, each once; links that send none are left out."""
    around: dict[int, Node | None] = {}
    forms: dict[int, _Form] = {}
    posts: dict[tuple[int, str, str], Postback] = {}
    for node in nodes:
        call = _call(node)
        if call is None:
            continue
        form = _around(node, around) or page.document.first("form")
        number = form.mem_id if form is not None else 0
        if (number, *call) in posts:
            continue
        if len(posts) >= MOST_FORMS:
            page.notes.append(f"only the first {MOST_FORMS} forms were kept")
            break
        if number not in forms:
            forms[number] = _form(form, page)
        fields = forms[number].fields | dict(zip(_EVENTS, call, strict=True))
        posts[number, *call] = Postback(forms[number].url, tuple(fields.items()), page.line(node)[:_LONGEST_TEXT])
    return tuple(dict.fromkeys(posts.values()))


class _Form(NamedTuple):
    """The target of a form, and its hidden fields."""

    url: str
    fields: dict[str, str]


def _call(node: Node) -> tuple[str, str] | None:
    """Return target and argument of a link's call."""
    for name in ("href", "onclick"):
        call = _CALL.search((attribute(node, name) or "")[:_LONGEST_SCRIPT])
        if call:
            return _unescaped(call[1] or call[2] or ""), _unescaped(call[3] or call[4] or "")
    return None


def _around(node: Node, known: dict[int, Node | None]) -> Node | None:
    """Return the form around a node; `known` keeps the forms of the nodes above it between calls."""
    passed = []
    step: Node | None = node
    while step is not None and step.mem_id not in known and step.tag != "form":
        passed.append(step.mem_id)
        step = step.parent
    form = known.get(step.mem_id, step) if step is not None else None
    known.update(dict.fromkeys(passed, form))
    return form


def _form(form: Node | None, page: ParsedPage) -> _Form:
    """Return the form around a link, or the page's first one when the markup has separated them."""
    fields = _fields(form.css(_HIDDEN)) if form is not None else {}
    if "__VIEWSTATE" not in fields:
        fields = _fields(page.document.css(_HIDDEN)) | fields
    action = attribute(form, "action") if form is not None else None
    return _Form((page.absolute(action) if action else None) or page.url, fields)


def _fields(inputs: list[Node]) -> dict[str, str]:
    attributes = [node.attributes for node in inputs[:_MOST_FIELDS]]
    return {name: each.get("value") or "" for each in attributes if (name := each.get("name"))}


def _unescaped(text: str) -> str:
    r"""Return a JavaScript string's value: SharePoint writes `\u0026` for `&`."""
    plain = _ESCAPE.sub(lambda match: _character(match[1] or match[2], match[3]), text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(code: str | None, plain: str | None) -> str:
    return chr(int(code, 16)) if code else _CONTROLS.get(plain or "", plain or "")

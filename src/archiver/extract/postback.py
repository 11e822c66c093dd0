"""ASP.NET paging: a link that is `javascript:__doPostBack('target','argument')` is a form with hidden fields."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from archiver.extract.page import Page
from archiver.extract.tree import Node, ancestry, attribute
from archiver.model.record import Postback

_STRING = r"""\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*"""
_CALL = re.compile(rf"(?:__doPostBack|WebForm_PostBackOptions)\({_STRING},{_STRING}")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_HIDDEN = 'input[type="hidden" i]'
_LONGEST_SCRIPT = 20_000
_MOST_FIELDS = 500
MOST_FORMS = 100
"""Links of one page that send a form. Each carries all hidden fields: a hundred with 50 kB of view state are 5 MB."""


def postbacks_of(nodes: Sequence[Node], page: Page) -> tuple[Postback, ...]:
    """The forms that links send, complete with hidden fields, each once; links that send none are left out."""
    forms: dict[int, _Form] = {}
    posts: dict[Postback, None] = {}
    for node in nodes:
        post = _postback(node, page, forms)
        if post is not None:
            posts[post] = None
        if len(posts) >= MOST_FORMS:
            page.notes.append(f"only the first {MOST_FORMS} forms were kept")
            break
    return tuple(posts)


class _Form(NamedTuple):
    """Where a form goes, and its hidden fields."""

    url: str
    fields: dict[str, str]


def _postback(node: Node, page: Page, forms: dict[int, _Form]) -> Postback | None:
    for name in ("href", "onclick"):
        call = _CALL.search((attribute(node, name) or "")[:_LONGEST_SCRIPT])
        if call:
            target, argument = (_unescaped(call[first] or call[first + 1] or "") for first in (1, 3))
            events = {"__EVENTTARGET": target, "__EVENTARGUMENT": argument}
            around = next((above for above in ancestry(node) if above.tag == "form"), None)
            form = around or page.document.first("form")
            number = form.mem_id if form is not None else 0
            if number not in forms:
                forms[number] = _form(form, page)
            return Postback(forms[number].url, tuple((forms[number].fields | events).items()))
    return None


def _form(form: Node | None, page: Page) -> _Form:
    """The form around a link, or the page's first one when the markup has torn them apart."""
    fields = _fields(form.css(_HIDDEN)) if form is not None else {}
    if "__VIEWSTATE" not in fields:
        fields = _fields(page.document.css(_HIDDEN)) | fields
    action = attribute(form, "action") if form is not None else None
    return _Form((page.absolute(action) if action else None) or page.url, fields)


def _fields(inputs: list[Node]) -> dict[str, str]:
    attributes = [node.attributes for node in inputs[:_MOST_FIELDS]]
    return {name: each.get("value") or "" for each in attributes if (name := each.get("name"))}


def _unescaped(text: str) -> str:
    r"""A JavaScript string's value: SharePoint writes `\u0026` for `&`."""
    plain = _ESCAPE.sub(lambda match: _character(match[1] or match[2], match[3]), text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(code: str | None, plain: str | None) -> str:
    return chr(int(code, 16)) if code else _CONTROLS.get(plain or "", plain or "")

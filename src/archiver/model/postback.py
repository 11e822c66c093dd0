"""Paging links of ASP.NET, which send a form."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Postback:
    """An ASP.NET `__doPostBack` paging link: the form to send, with its hidden fields, and the text of the link."""

    url: str
    fields: tuple[tuple[str, str], ...] = field(default=())
    text: str = ""

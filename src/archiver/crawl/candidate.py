"""An address that discovery found, before it is decided whether it is put on the frontier."""

from dataclasses import dataclass

from archiver.model.reason import Reason


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that may be put on the frontier.

    Attributes:
        moment: when a sitemap or a feed says that the page changed; "" without one. A known page gets a hint of it.
        is_new: this run has not checked the address before. An address that is not new can only get a hint.
        content: the body of the POST request of a paging form.
        label: what tells the page of a form from others of its address.
        page_key: the key that a requisite's address has as a page; a page or file that is captured is no requisite.
    """

    key: str
    url: str
    kind: str | None
    depth: int
    via: int | None
    reason: Reason
    priority: float = 0.0
    moment: str = ""
    is_new: bool = True
    content: bytes | None = None
    page_key: str = ""
    label: str | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys by which the archive may know the address."""
        return (self.key, self.page_key) if self.page_key else (self.key,)

    @property
    def is_list(self) -> bool:
        """Whether it is a sitemap or a feed."""
        return self.kind in ("sitemap", "feed")

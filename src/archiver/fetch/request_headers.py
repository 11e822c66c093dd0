"""The header lines of a request: the client's own, and those that the request has in addition or in their place."""

from archiver.model.capture import Request

_PAGES = b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_JSON = b"application/json,*/*;q=0.8"
"""For APIs: some answer with HTML or XML if those are asked for, too."""


def request_headers(request: Request, agent: str, *, is_api: bool) -> list[tuple[bytes, bytes]]:
    """Return the client's header lines for a request, without those that it has itself.

    Args:
        request: the request.
        agent: the User-Agent.
        is_api: whether its address is that of an API.
    """
    own = {name.lower() for name, _ in request.headers}
    headers = (
        (b"Connection", b"keep-alive"),
        (b"User-Agent", agent.encode()),
        (b"Accept", _JSON if is_api else _PAGES),
        (b"Accept-Encoding", b"identity"),
    )
    return [(name, value) for name, value in headers if name.lower() not in own]

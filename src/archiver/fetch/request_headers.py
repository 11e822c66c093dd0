"""The header lines of a request: the client's own, and those that the request has in addition or in their place."""

from archiver.model.capture import Request

_PAGES = b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_FORM = (b"Content-Type", b"application/x-www-form-urlencoded")
_JSON = b"application/json,*/*;q=0.8"
"""For APIs: some answer with HTML or XML if those are asked for, too."""


def request_headers(request: Request, agent: str, *, is_api: bool) -> list[tuple[bytes, bytes]]:
    """Return the header lines of a request: the client's, without those that the request has itself, then its own.

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
    is_form = request.method == "POST" and b"content-type" not in own
    clients = [(name, value) for name, value in headers if name.lower() not in own]
    return [*clients, *request.headers, *([_FORM] if is_form else [])]

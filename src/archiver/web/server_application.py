"""The whole server as one ASGI application: a request goes to the interface or to the copies by its Host header."""

from archiver.web.application import application
from archiver.web.archive_pool import archive_pools
from archiver.web.asgi import ASGIApp, Receive, Scope, Send
from archiver.web.config import REPLAY_HOST, ServeConfig
from archiver.web.hosts import origin_of, reached
from archiver.web.replay_application import ReplayApplication
from archiver.web.viewer_application import ViewerApplication

_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
)


def server_application(config: ServeConfig) -> ASGIApp:
    """Return the application that uvicorn runs."""
    pools = archive_pools(config)
    pages, copies, viewer = application(config, pools), ReplayApplication(config, pools), ViewerApplication(config)
    policy = _policy(config)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        origin = origin_of(reached(scope, config), config)
        if origin != "interface":
            await (copies if origin == "copies" else viewer)(scope, receive, send)
            return

        async def with_headers(message: Scope) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_HEADERS, (b"content-security-policy", policy)]
            await send(message)

        await pages(scope, receive, with_headers)

    return app


def _policy(config: ServeConfig) -> bytes:
    replay = config.replay_origin or f"http://{REPLAY_HOST}:{config.port}"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        f"frame-src {replay}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ).encode("latin-1")

"""`archiver serve`: the archive in a browser."""

from typing import TYPE_CHECKING

from archiver.cli import serve_options as given
from archiver.cli.context import GLOBAL_OPTIONS, OUTPUT, AsJson
from archiver.cli.serve_options import bare_name, prefix_path, viewer_folder, web_origin
from archiver.errors import UsageError
from archiver.text.install_advice import not_installed

if TYPE_CHECKING:
    from archiver.model.lease import Leases

_PACKAGES = ("starlette", "jinja2", "uvicorn", "itsdangerous")


def serve(
    archives: given.Archives = None,
    *,
    fleet: given.Fleet = None,
    host: given.Host = "127.0.0.1",
    port: given.Port = 8002,
    acts: given.Acts = False,
    password_file: given.PasswordFile = None,
    trust_header: given.TrustHeader = "",
    allow_host: given.AllowHost = None,
    prefix: given.Prefix = "",
    replay_origin: given.ReplayOrigin = "",
    viewer: given.Viewer = None,
    viewer_origin: given.ViewerOrigin = "",
    as_json: AsJson = False,
) -> None:
    """Show the archive in a browser: changes, pages over time, search, copies. Ctrl-C ends it.

    Without --act it only reads, and may run while a crawl writes. It needs the extra `web`: `pipx install ".[web]"`.
    """
    _demand_packages()
    from archiver.app.browsing.served_archives import served_archives  # noqa: PLC0415  (start-up)
    from archiver.app.reading.serving import prepare_to_serve  # noqa: PLC0415  (start-up)
    from archiver.web.config import ServeConfig, ServedArchive  # noqa: PLC0415  (an extra)
    from archiver.web.security import check_rights  # noqa: PLC0415  (an extra)
    from archiver.web.serving import inherited_socket  # noqa: PLC0415  (an extra)
    from archiver.web.serving import serve as run  # noqa: PLC0415  (an extra)

    listening = inherited_socket()
    is_only_fleet = fleet is not None and not archives and GLOBAL_OPTIONS.archive is None
    shown = () if is_only_fleet else served_archives(archives or (), GLOBAL_OPTIONS.find())
    config = ServeConfig(
        tuple(ServedArchive(*each) for each in shown),
        host,
        port,
        prefix_path(prefix),
        web_origin("--replay-origin", replay_origin),
        web_origin("--viewer-origin", viewer_origin),
        viewer_folder(viewer),
        tuple(bare_name("--allow-host", each) for each in allow_host or ()),
        acts,
        password_file,
        bare_name("--trust-header", trust_header),
        fleet=_leases(fleet) if fleet is not None else None,
    )
    if listening is None:
        check_rights(config)
    for each in config.archives:
        if notice := prepare_to_serve(each.settings):
            OUTPUT.say(notice)

    def say(at: int) -> None:
        url = f"http://{f'[{host}]' if ':' in host else host}:{at}{config.prefix}/"
        if as_json:
            OUTPUT.json({"url": url, "port": at})
        else:
            OUTPUT.say(f"{url}  (Ctrl-C ends it)")

    run(config, listening=listening, ready=say)


def _leases(address: str) -> "Leases":
    from archiver.app.fleet.open_leases import open_leases  # noqa: PLC0415  (start-up)

    return open_leases(address, GLOBAL_OPTIONS.find().clock)


def _demand_packages() -> None:
    """Raise UsageError if a package of the extra `web` is missing."""
    from importlib.util import find_spec  # noqa: PLC0415  (start-up)

    missing = [package for package in _PACKAGES if find_spec(package) is None]
    if missing:
        raise UsageError(not_installed("`archiver serve` needs", " ".join(missing)))

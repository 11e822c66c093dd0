"""Fixtures for all tests: the demo portal, archives and folders."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

from archiver.app import profiles
from archiver.app.archive import Archive
from archiver.demo.portal import Portal
from archiver.model.clock import SettableClock
from archiver.model.policy import Retries
from archiver.model.profile import SiteInfo
from archiver.settings import Settings, bundled_profiles
from archiver.store.archive import Store
from lived import live
from made import START, Bench, Works
from trials import IS_FULL

settings.register_profile("test", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("soak", settings.get_profile("test"), max_examples=1000)
settings.load_profile(
    "soak" if IS_FULL else "test"
)  # a busy machine fails no example: what must be fast is timed by itself


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # the tests run in the background of a shell; programs inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let `make soak` run the property tests too, with more examples."""
    for item in items:
        if isinstance(item, pytest.Function) and is_hypothesis_test(item.function):
            item.add_marker("soak")


@pytest.fixture
def portal() -> Iterator[Portal]:
    with Portal(articles=10) as portal:
        yield portal


@pytest.fixture
def works(portal: Portal, tmp_path: Path) -> Iterator[Works]:
    """An archive of the portal, with a settable clock and retries that do not wait."""
    clock = SettableClock(START)
    settings = Settings(tmp_path / "archive.db", (bundled_profiles(),), clock, Retries(3, 0.0, 0.01))
    profile = profiles.at_home(profiles.by_name("demo", settings.selectors), portal.url)
    with Archive(settings) as archive:
        yield Works(portal, archive, profile, clock)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.db"


@pytest.fixture
def bench(path: Path) -> Iterator[Bench]:
    with Store.open(path) as store:
        site_id = store.pages.put_site(SiteInfo("portal", "Portal", "http://portal.example/", "vi", "Asia/Ho_Chi_Minh"))
        extractor = store.pages.put_extractor(site_id, "a" * 64, "", "test", "2022-10-21 09:00:00")
        store.pages.make_current(site_id, extractor.extractor_id, "2022-10-21 09:00:00")
        yield Bench(store, site_id, extractor.extractor_id)


@pytest.fixture(scope="session")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of the sites demo and second with rows in almost every view; tests only read it."""
    return live(tmp_path_factory.mktemp("lived"))


@pytest.fixture(scope="session")
def failing_io(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that makes writes of a child process to an archive fail."""
    compiler = shutil.which("cc")
    if sys.platform != "linux" or not compiler:
        pytest.skip("needs Linux and a C compiler")
    library = tmp_path_factory.mktemp("io") / "failing_io.so"
    source = Path(__file__).parent / "store" / "failing_io.c"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], check=True)
    return library

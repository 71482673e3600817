"""One server for the tests that need many small sessions."""

from collections.abc import Iterator

import pytest

from admin.session.datadir import DataDir
from tests.attacks.relay import Relay, honest, relaying
from tests.attacks.sitting import Sitting
from tests.worlds import hall
from tests.worlds.quick import QUICK

VOTERS = 7  # of the sitting that insiders attack


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sitting, str]]:
    """A closed session with its server running, and the code on the hall screen."""
    sitting = Sitting(tmp_path_factory.mktemp("session"), VOTERS).prepare()
    with sitting.serving():
        sitting.check_in()
        sitting.register()
        sitting.open()
        sitting.cast()
        yield sitting, sitting.close()


@pytest.fixture(scope="package")
def where(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DataDir]:
    datadir = hall.datadir(tmp_path_factory.mktemp("data"))
    with hall.outside(datadir):
        yield datadir


@pytest.fixture(scope="package")
def front(where: DataDir) -> Iterator[Relay]:
    with hall.serving(where, QUICK) as url, relaying(url) as front:
        yield front


@pytest.fixture
def relay(front: Relay) -> Iterator[Relay]:
    """A relay that is honest again after each test."""
    front.seen.clear()
    yield front
    front.lie = honest

"""One server for the tests that need many small sessions."""

from collections.abc import Iterator

import pytest

from admin.session.datadir import DataDir
from tests.attacks.relay import Relay, honest, relaying
from tests.worlds import hall
from tests.worlds.quick import QUICK


@pytest.fixture(scope="session")
def where(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DataDir]:
    datadir = hall.datadir(tmp_path_factory.mktemp("data"))
    with hall.outside(datadir):
        yield datadir


@pytest.fixture(scope="session")
def front(where: DataDir) -> Iterator[Relay]:
    with hall.serving(where, QUICK) as url, relaying(url) as front:
        yield front


@pytest.fixture
def relay(front: Relay) -> Iterator[Relay]:
    """A relay that is honest again after each test."""
    front.seen.clear()
    yield front
    front.lie = honest

"""One server for all tests of this folder."""

from collections.abc import Iterator

import pytest

from admin.demo.server import Running, serving
from admin.record.pool import Workers, workers
from tests.admin.client.hall import Sitting, closed, opened, sealed

VOTERS = 6


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A real server process."""
    with serving(tmp_path_factory.mktemp("remote") / "data") as server:
        yield server


@pytest.fixture(scope="package")
def pool() -> Iterator[Workers]:
    with workers(2) as running:
        yield running


@pytest.fixture(scope="package")
def checking_in(running: Running) -> Sitting:
    """A session in check-in; each test uses a voter of its own."""
    return sealed(running, VOTERS)


@pytest.fixture(scope="package")
def voting(running: Running, pool: Workers) -> Sitting:
    """A session that is open, everyone registered."""
    return opened(running, VOTERS, pool)


@pytest.fixture(scope="package")
def counted(running: Running, pool: Workers) -> Sitting:
    """A session that is closed, everyone's ballot in it."""
    return closed(running, VOTERS, pool)

"""One server for all tests of the folder; every test has a session of its own."""

from collections.abc import Iterator

import pytest

from admin.session.datadir import DataDir
from bot.app import Options
from tests.worlds import hall
from tests.worlds.quick import SHORT


@pytest.fixture(scope="package")
def where(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DataDir]:
    datadir = hall.datadir(tmp_path_factory.mktemp("data"))
    with hall.outside(datadir):
        yield datadir


@pytest.fixture(scope="package")
def client(where: DataDir) -> Iterator[hall.Client]:
    with hall.serving(where, Options(pauses=SHORT)) as url:
        yield hall.Client(url)

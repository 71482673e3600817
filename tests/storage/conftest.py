"""Books on both kinds of database, freshly made for each test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from storage.books import open_box, open_registrar
from storage.box.book import BoxBook
from storage.registrar.book import RegistrarBook
from tests.storage import postgres

KINDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def socket_folder() -> Iterator[Path]:
    """A running PostgreSQL server; under CI a machine without one fails."""
    binaries = postgres.programs()
    if binaries is None:
        pytest.skip("no PostgreSQL server: run .ci/setup")
    with postgres.cluster(binaries) as folder:
        yield folder


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Which kind of database a test runs on; every test that asks runs on both."""
    return str(request.param)


@pytest.fixture
async def urls(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> tuple[str, str]:
    """Addresses of an empty registrar's and an empty box's database."""
    if kind == "sqlite":
        return f"sqlite:///{tmp_path}/registrar.db", f"sqlite:///{tmp_path}/box.db"
    return await postgres.empty(request.getfixturevalue("socket_folder"))


@pytest.fixture
async def registrar(urls: tuple[str, str]) -> AsyncIterator[RegistrarBook]:
    """An empty registrar's book."""
    book = await open_registrar(urls[0])
    yield book
    await book.close()


@pytest.fixture
async def box(urls: tuple[str, str]) -> AsyncIterator[BoxBook]:
    """An empty box's book."""
    book = await open_box(urls[1])
    yield book
    await book.close()

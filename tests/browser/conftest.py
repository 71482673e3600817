"""One server and one Chromium for all sessions: outside them no event loop may be running."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from admin.demo.server import Running, serving
from tests.browser.hall import chromium


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Shared: each test's session is its own, and nothing counts across sessions."""
    with serving(tmp_path_factory.mktemp("server") / "data") as running:
        yield running


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Shared: each phone is a context of its own, with nothing of any other."""
    with chromium() as opened:
        yield opened

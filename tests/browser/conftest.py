"""One Chromium for the tests of a module: outside it no event loop may be running."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.hall import chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened

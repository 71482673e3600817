"""One program of the page for all files: it remembers which bytes are elements, nothing more."""

from collections.abc import Iterator

import pytest

from tests.interop.page import Page, started


@pytest.fixture(scope="package")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Built and started once: that takes longer than most tests."""
    with started(tmp_path_factory.mktemp("exchange")) as page:
        yield page

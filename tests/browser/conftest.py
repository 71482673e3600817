"""One server and one Chromium for all sessions: outside them no event loop may be running."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error

from admin.demo import session as demo
from admin.demo.server import Running, serving
from tests.browser.hall import chromium, rated
from tests.browser.test_auditor import FILE, LAPTOP
from tests.browser.trustees import OFFICIALS, PAUSE, VOTERS, Committee, Window


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


@pytest.fixture
def committee(server: Running) -> Iterator[Committee]:
    scenario = rated(VOTERS, OFFICIALS)
    draft = demo.draft_of(scenario)
    draft = replace(draft, form=draft.form.model_copy(update={"check_seconds": PAUSE}))
    with ThreadPoolExecutor(1) as thread:
        committee = Committee(server.secretary, draft, thread)
        committee.away(lambda: committee.desk.register(draft))
        yield committee


@pytest.fixture
def window(browser: Browser) -> Iterator[Callable[..., Window]]:
    """Opens computers that know nothing yet."""
    contexts: list[BrowserContext] = []

    def opened(address: str = FILE.as_uri(), **more: Any) -> Window:
        look: dict[str, Any] = {"viewport": LAPTOP, "locale": "vi-VN", **more}
        contexts.append(browser.new_context(**look))
        return Window(contexts[-1], address)

    yield opened
    for context in contexts:
        with suppress(Error):
            context.close()

"""Browsers of the declared age vote, and so do those without workers or whose worker fails."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from admin.demo.server import Running
from admin.lifecycle import steps
from tests.browser import phone
from tests.browser.hall import Hall, rated, shot, staged

OFFICIALS: Final = 3
OLD: Final = Path(__file__).with_name("old.js")
SCRIPT: Final = "**/assets/worker-*.js"


def _of_declared_age(window: BrowserContext) -> None:
    def old(route: Route) -> None:
        script = route.fetch()
        route.fulfill(response=script, body=OLD.read_text("utf-8") + script.text())

    window.add_init_script(path=OLD)
    window.route(SCRIPT, old)


def _without_workers(window: BrowserContext) -> None:
    window.add_init_script("delete window.Worker")
    # Safari, after many visits in a short time.
    window.add_init_script("history.replaceState = () => { throw new DOMException() }")


def _worker_forbidden(window: BrowserContext) -> None:
    window.add_init_script(
        "window.Worker = class { constructor() { throw new DOMException('', 'SecurityError') } }"
    )


def _worker_not_fetched(window: BrowserContext) -> None:
    window.route(SCRIPT, lambda route: route.abort())


def _worker_silent(window: BrowserContext) -> None:
    window.route(SCRIPT, lambda route: route.fulfill(content_type="text/javascript", body=""))


FAULTS: Final[dict[str, Callable[[BrowserContext], None]]] = {
    "of the declared age": _of_declared_age,
    "without workers": _without_workers,
    "worker forbidden": _worker_forbidden,
    "worker not fetched": _worker_not_fetched,
    "worker silent": _worker_silent,
}


@pytest.fixture(scope="module")
def hall(server: Running, browser: Browser) -> Iterator[Hall]:
    with staged(server, browser, rated(len(FAULTS), OFFICIALS)) as made:
        made.step(lambda books: steps.check_in(books, made.uuid))
        yield made


@pytest.fixture(scope="module")
def phones(hall: Hall) -> dict[str, Page]:
    """Each has collected its ballot, and voting is open."""
    pages = {}
    for i, (fault, break_) in enumerate(FAULTS.items()):
        window = hall.window()
        break_(window)
        pages[fault] = window.new_page()
        pages[fault].goto(hall.link(i))
        phone.collect(pages[fault])
    hall.open_voting(len(FAULTS))
    return pages


@pytest.mark.parametrize("fault", FAULTS)
def test_a_browser_that_lacks_something_votes(hall: Hall, phones: dict[str, Page], fault: str):
    """From the letter to the verified promise."""
    page = phones[fault]
    if fault == "of the declared age":
        assert page.evaluate("AbortSignal.timeout ?? self.structuredClone ?? null") is None
    phone.fill(page, [0, None, 2], hall.code)
    phone.review(page)
    sealed = phone.encrypt(page)
    assert phone.send(page) == sealed
    assert hall.errors == []


def test_a_browser_that_is_too_old_is_told_so_at_once(hall: Hall):
    """Which browser to use, at the first screen; the page itself is not started."""
    window = hall.window()
    window.add_init_script("delete Object.hasOwn")
    page = window.new_page()
    page.goto(hall.link(0))
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Trình duyệt này quá cũ")
    expect(alert).to_contain_text("Chrome 94")
    expect(page.get_by_text("Đang mở")).to_be_hidden()
    shot(page, "73-too-old")
    hall.errors.clear()  # the page's own script may break there

"""Every page for every delegate: reachable by all, readable, large enough, in both languages."""

import gzip
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from admin.demo.server import Running
from admin.lifecycle import steps
from tests.browser import phone
from tests.browser.hall import DIST, NARROW, Hall, rated, shot, staged
from tests.browser.looks import looked_at

VOTERS, OFFICIALS = 5, 18


@pytest.fixture(scope="module")
def hall(server: Running, browser: Browser) -> Iterator[Hall]:
    with staged(server, browser, rated(VOTERS, OFFICIALS)) as made:
        yield made


def test_every_screen_of_a_delegate(hall: Hall):
    """On the narrowest phone, in dark, in English; with text at twice the size."""
    window = hall.window(viewport=NARROW, color_scheme="dark", locale="en-GB")
    narrow = window.new_page()
    page = hall.window().new_page()
    page.goto(f"{hall.url}/v/{hall.uuid}")
    phone.says(page, "enter.title")
    page.get_by_label(phone.word("enter.label")).fill("7KQ2-M4XW")
    phone.press(page, "enter.go")
    expect(page.get_by_text(phone.word("enter.wrong"))).to_be_visible()
    looked_at(page, "30-enter-wrong")
    page.get_by_label(phone.word("enter.label")).fill(hall.guest(0).code.lower().replace("-", " "))
    phone.press(page, "enter.go")
    phone.says(page, "welcome.early")
    looked_at(page, "31-early")
    hall.step(lambda books: steps.check_in(books, hall.uuid))
    phone.says(page, "welcome.title")
    looked_at(page, "32-welcome")
    phone.collect(page)
    looked_at(page, "33-ready")
    narrow.goto(hall.link(1))
    narrow.get_by_role("button", name="Collect the ballot").click()
    expect(narrow.get_by_role("heading", name="You have your ballot")).to_be_visible()
    looked_at(narrow, "34-ready-narrow-dark")
    kiosk, backup_code = _kiosk(hall)
    hall.check_in_others([3, 4])
    hall.open_voting(VOTERS)
    _narrow(hall, narrow)
    _ballot(hall, page)
    _kiosk_votes(hall, kiosk, backup_code)
    hall.close()
    ended = narrow.get_by_role("heading", name="Voting has ended")
    expect(ended).to_be_visible()
    assert hall.errors == []


def _narrow(hall: Hall, page: Page) -> None:
    expect(page.get_by_role("heading", name="Compare the session code")).to_be_visible()
    looked_at(page, "34-compare-narrow-dark")
    page.locator("#group").fill(hall.code[:4])
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Guidance")).to_be_visible()
    looked_at(page, "35-guide-narrow-dark")
    page.get_by_role("button", name="Read, go on").click()
    expect(page.get_by_role("heading", name="Fill in the ballot")).to_be_visible()
    looked_at(page, "35-ballot-narrow-dark")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shot(page, "36-ballot-narrow-200")


def _ballot(hall: Hall, page: Page) -> None:
    """By keyboard alone, too; a jump goes to the first that is unanswered."""
    phone.compare(page, hall.code)
    phone.says(page, "guide.title")
    looked_at(page, "37-guide")
    phone.press(page, "guide.go")
    phone.says(page, "ballot.title")
    assert page.locator("input:checked").count() == 0
    first = page.locator("fieldset").first.locator("input").first
    first.focus()
    page.keyboard.press("Space")
    expect(first).to_be_checked()
    first.click()
    expect(first).not_to_be_checked()
    first.click()
    _announce(hall, page)
    phone.press(page, "ballot.jump")
    expect(page.locator("#official-1 input").first).to_be_focused()
    looked_at(page, "37-ballot")
    assert _covered(page) == []
    phone.review(page)
    looked_at(page, "38-review-blank")
    page.get_by_role("button", name=phone.word("review.encrypt")).click()
    phone.says(page, "sealed.title")
    looked_at(page, "39-sealed")
    phone.send(page)
    looked_at(page, "40-recorded")
    assert page.title() == phone.word("title")


def _announce(hall: Hall, page: Page) -> None:
    """The end is announced meanwhile: the page tells it, and the ballot is the very same."""
    page.evaluate("window.marked = document.querySelector('fieldset input:checked')")
    hall.step(lambda books: books.box.set_closing(hall.uuid, int(time.time()) + 900))
    expect(page.locator(".countdown")).to_be_visible()
    assert page.evaluate("window.marked.isConnected && window.marked.checked")


def _covered(page: Page) -> list[str]:
    """Names and posts that are cut off."""
    return list(
        page.evaluate(
            """() => [...document.querySelectorAll(".name, .post")]
            .filter((one) => one.scrollWidth > one.clientWidth + 1)
            .map((one) => one.innerText)"""
        )
    )


def _kiosk(hall: Hall) -> tuple[Page, str]:
    """A device of the house: it keeps nothing, and is free for the next once there is a backup."""
    page = hall.window().new_page()
    page.goto(f"{hall.url}/v/{hall.uuid}?kiosk")
    page.get_by_label(phone.word("enter.label")).fill(hall.guest(2).code)
    phone.press(page, "enter.go")
    phone.collect(page)
    looked_at(page, "41-kiosk-ready")
    assert page.get_by_role("button", name=phone.word("kiosk.end")).count() == 0
    backup_code = phone.back_up(page)
    phone.press(page, "kiosk.end")
    phone.says(page, "enter.title")
    return page, backup_code


def _kiosk_votes(hall: Hall, page: Page, backup_code: str) -> None:
    """Letter and backup code go on; afterwards nothing is kept, and the page resets itself."""
    page.get_by_label(phone.word("enter.label")).fill(hall.guest(2).code)
    phone.press(page, "enter.go")
    phone.restore(page, backup_code)
    phone.fill(page, [0] * OFFICIALS, hall.code)
    phone.review(page)
    phone.encrypt(page)
    page.clock.install()
    phone.send(page)
    looked_at(page, "42-kiosk-recorded")
    page.clock.run_for(31_000)
    phone.says(page, "enter.title")
    kept = page.evaluate(
        "async () => [sessionStorage.length, (await indexedDB.databases()).length]"
    )
    assert kept == [0, 0]


def test_a_page_without_a_secure_context_says_what_to_do(hall: Hall):
    window = hall.window()
    window.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    page = window.new_page()
    page.goto(hall.link(0))
    expect(page.get_by_role("alert")).to_contain_text(phone.word("stop.insecure.what"))
    looked_at(page, "43-insecure")


def test_pages_are_small():
    """Under 120 KB compressed for a delegate: all that the page loads, and the worker.

    Who reads English fetches those sentences, too.
    """
    page, assets = DIST / "voter.html", DIST / "assets"
    loaded = re.findall(r"/(assets/[\w.-]+)", page.read_text("utf-8"))
    files = [page, *(DIST / name for name in loaded), *assets.glob("worker-*.js")]
    assert len(files) >= 5
    assert compressed(files) <= 120_000
    (english,) = assets.glob("en-*.js")
    assert english not in files
    assert compressed([english]) <= 10_000


def compressed(files: list[Path]) -> int:
    """Their size, in bytes."""
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in files)

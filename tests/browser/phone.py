"""What a delegate does on the phone page, by the words that stand on it."""

import re
import tomllib
from collections.abc import Sequence
from typing import Final

from playwright.sync_api import Page, expect

from tests.browser.hall import ROOT

_FOLDER: Final = ROOT / "bot" / "miniapp" / "locales" / "voter"
VI: Final = tomllib.loads((_FOLDER / "vi.toml").read_text("utf-8"))


def says(page: Page, key: str) -> None:
    """The heading of the screen is this sentence of the catalogue."""
    wanted = word(key)
    expect(page.get_by_role("heading", level=1)).to_have_text(wanted)


def word(key: str) -> str:
    """A sentence of the catalogue, up to its first placeholder."""
    found: object = VI
    for part in key.split("."):
        assert isinstance(found, dict)
        found = found[part]
    return str(found).partition("{")[0].strip()


def press(page: Page, key: str) -> None:
    """A button by its words."""
    page.get_by_role("button", name=word(key)).first.click()


def collect(page: Page) -> None:
    """From the letter to "you have your ballot"."""
    says(page, "welcome.title")
    press(page, "welcome.collect")
    says(page, "ready.title")


def compare(page: Page, code: str) -> None:
    """Types the group of the session code that is asked for."""
    says(page, "compare.title")
    group = int(page.locator(".places .marked").inner_text())
    page.locator("#group").fill(code.split("-")[group - 1].lower())
    press(page, "compare.go")


def back_up(page: Page) -> str:
    """One tap on the page "you have your ballot", and back; the letters of the backup code."""
    press(page, "backup.make")
    says(page, "backup.title")
    shown = page.locator(".backup").inner_text()
    press(page, "backup.written")
    says(page, "ready.title")
    return re.sub(r"\s", "", shown)


def restore(page: Page, text: str) -> None:
    """Enters a backup code where the page asks for it."""
    says(page, "restore.title")
    page.get_by_label(word("restore.label")).fill(text)
    press(page, "restore.go")


def guided(page: Page, code: str) -> None:
    """To the ballot, past the code and the guidance where they are shown for the first time."""
    heading = page.get_by_role("heading", level=1)
    titles = [word(key) for key in ("compare.title", "guide.title", "ballot.title")]
    expect(heading).to_have_text(re.compile(f"^({'|'.join(titles)})$"))
    if heading.inner_text() == word("compare.title"):
        compare(page, code)
        expect(heading).to_have_text(re.compile(f"^({'|'.join(titles[1:])})$"))
    if heading.inner_text() == word("guide.title"):
        press(page, "guide.go")
    says(page, "ballot.title")


def fill(page: Page, choices: Sequence[int | None], code: str) -> None:
    """Marks each official; nothing was marked before."""
    guided(page, code)
    lines = page.locator("fieldset")
    expect(lines).to_have_count(len(choices))
    for i, choice in enumerate(choices):
        if choice is not None:
            lines.nth(i).locator("label").nth(choice).click()


def review(page: Page) -> None:
    press(page, "ballot.review")
    says(page, "review.title")


def encrypt(page: Page) -> str:
    """Encrypts; returns the tracker on the screen."""
    press(page, "review.encrypt")
    says(page, "sealed.title")
    return tracker(page)


def send(page: Page) -> str:
    """Sends; returns the tracker under which it is recorded."""
    press(page, "sealed.send")
    says(page, "recorded.title")
    return tracker(page)


def tracker(page: Page) -> str:
    shown = page.locator(".tracker").inner_text()
    return re.sub(r"\s", "", shown)


def promise(page: Page) -> str:
    """The box's signed note, as the page shows it."""
    return page.locator("pre").text_content() or ""

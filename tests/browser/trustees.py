"""A committee whose keys are still to be made, and the windows of its trustees."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Download, Page, expect

from admin.client.server import Registrar
from admin.demo import session as demo
from admin.demo.session import Guest, Secretary
from admin.lifecycle import steps
from admin.prepare.draft import Draft
from admin.record.pool import workers
from admin.voting import codes
from crypto import ceremony
from crypto.encoding import CODE_GROUPS
from tests.browser.hall import PATIENCE, rated
from tests.browser.test_auditor import FILE, press, word

VOTERS, OFFICIALS, SIZE = 5, 2, 3
PAUSE = 3  # seconds in which phones check
PASSPHRASE = "hoa sen trắng 94"  # noqa: S105
# A file is chosen in a window of the system, which nobody answers here.
NO_WINDOW = "delete window.showSaveFilePicker;"
ELSEWHERE = """(url) => new Promise((refused) => {
  document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => {
    refused(effectiveDirective);
  });
  fetch(url).then(() => refused("reached"), () => setTimeout(() => refused("failed"), 500));
})"""


@dataclass
class Committee:
    """A session whose keys are still to be made, and the house's steps on it."""

    desk: Secretary
    draft: Draft
    thread: ThreadPoolExecutor

    @property
    def uuid(self) -> str:
        return self.draft.uuid

    @property
    def url(self) -> str:
        return self.desk.server.origin

    def away(self, act: Callable[[], Any]) -> Any:
        """In a thread, since Playwright holds this one's event loop."""
        return self.thread.submit(act).result()

    def step(self, work: Callable[..., Any]) -> Any:
        return self.away(lambda: self.desk.do(work))

    def code(self, owner: int) -> str:
        return str(self.away(lambda: self.desk.role_login(self.uuid, "trustee", owner)))

    def send_first(self, owner: int) -> None:
        """A trustee who sends the first message of a key, and no other."""
        code, message = self.code(owner), ceremony.step1(owner, SIZE, 2)[1].encode()
        self.away(
            lambda: Registrar.login(self.desk.server, self.uuid, code).put(
                self.uuid, "step1", message
            )
        )

    def link(self, owner: int) -> str:
        return codes.trustee_link(self.url, self.uuid, self.code(owner))


@dataclass
class Window:
    """A trustee's page, opened as a file; by keyboard as far as a person would."""

    context: BrowserContext
    address: str = FILE.as_uri()
    saved: list[Download] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.set_default_timeout(PATIENCE)
        self.context.add_init_script(NO_WINDOW)
        self.page = self.open()

    def open(self) -> Page:
        page = self.context.new_page()
        page.on("download", lambda saving: self.saved.append(saving))  # noqa: PLW0108  a method of its own kind only
        page.goto(self.address)
        return page

    def enter(self, link: str, page: Page | None = None) -> None:
        page = page or self.page
        press(page, word("home.trustee_go"))
        page.locator("#letter").fill(link)
        press(page, word("trustee.enter.go"))

    def says(self, key: str, **facts: object) -> None:
        expect(self.page.locator("h1")).to_have_text(word(f"trustee.{key}").format(**facts))

    def waits(self, key: str, **facts: object) -> None:
        expect(self.page.locator(".state")).to_have_text(word(f"trustee.{key}").format(**facts))

    def go(self, key: str) -> None:
        title = word(f"trustee.{key}")
        button = self.page.get_by_role("button", name=title, exact=True)
        expect(button).to_be_enabled()  # it is not while the page still asks the server
        press(self.page, title)

    def unlock(self, passphrase: str = PASSPHRASE) -> None:
        self.page.locator("#passphrase").fill(passphrase)
        self.go("open.go")

    def make(self) -> None:
        """With a passphrase of one's own."""
        self.go("make.own")
        for name in ("#passphrase", "#again"):
            self.page.locator(name).fill(PASSPHRASE)
        self.go("make.go")

    def make_drawn(self) -> None:
        """With the passphrase that the page has drawn; sends the first message."""
        self.says("make.title")
        self.page.locator("#again").fill(self.page.locator(".drawn").inner_text())
        self.go("make.go")
        self.keep_copy()
        self.go("first.go")

    def keep_copy(self) -> None:
        """The copy is saved, and read back."""
        self.says("copy.title")
        with self.page.expect_download() as saving:
            self.go("copy.go_save")
        self.page.set_input_files("#copy-file", saving.value.path())
        self.waits("copy.same")

    def compare(self) -> str:
        """Types the group that is asked for; returns the code."""
        expect(self.page.locator(".groups li")).to_have_count(CODE_GROUPS)
        groups = [group.strip() for group in self.page.locator(".groups li").all_inner_texts()]
        asked = re.search(r"nhóm thứ (\d)", self.page.locator("label[for=group]").inner_text())
        assert asked is not None
        self.page.locator("#group").fill(groups[int(asked[1]) - 1].lower())
        self.go("compare.go")
        return "-".join(groups)

    def count(self, people: int) -> None:
        self.page.locator("#people").fill(str(people))
        self.go("count.go")

    def sign_counted(self, moment: str) -> None:
        """The opening or the closing, with the head count."""
        self.says(f"{moment}.title")
        self.count(VOTERS)
        self.go(f"{moment}.go")

    def open_totals(self) -> None:
        self.says("totals.title")
        self.compare()
        expect(self.page.locator("[role=timer]")).to_have_count(0)
        self.go("totals.go")
        self.says("totals.sent_title")

    def newest(self) -> bytes:
        """The key file that was saved last."""
        return Path(self.saved[-1].path()).read_bytes()


def checked_in(committee: Committee) -> list[tuple[Guest, Any]]:
    """Everyone has a credential, and the opening is proposed."""
    desk, uuid = committee.desk, committee.uuid
    letters = committee.away(lambda: desk.letters(uuid))
    votes = rated(VOTERS, OFFICIALS).votes
    guests = [
        Guest(desk.server, uuid, letter.code, v) for letter, v in zip(letters, votes, strict=True)
    ]
    committee.step(lambda books: steps.check_in(books, uuid))
    registered = [(guest, committee.away(partial(demo.check_in, guest))) for guest in guests]
    committee.step(lambda books: steps.set_present(books, uuid, VOTERS))
    committee.step(lambda books: steps.open_voting(books, uuid))
    return registered


def published(committee: Committee) -> Path:
    desk, uuid = committee.desk, committee.uuid
    with workers(1) as pool:
        checks = pool.checking()
        desk.do(lambda books: steps.publish(books, uuid, lambda: nullcontext(checks)))
    return desk.datadir.bundle(uuid)


def file_of(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path

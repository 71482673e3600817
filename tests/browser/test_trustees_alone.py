"""Three trustees have only the page, and one of them no network: keys, signatures, totals."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from playwright.sync_api import expect

from admin.cli import main
from admin.demo import session as demo
from admin.lifecycle import seal
from tests.browser.hall import NARROW, shot
from tests.browser.looks import looked_at
from tests.browser.test_auditor import press, word
from tests.browser.trustees import ELSEWHERE, Committee, Window, checked_in, file_of, published


@dataclass
class Carried:
    """A trustee whose computer has no network, and the one that carries files for it."""

    offline: Window
    carrier: Window
    folder: Path

    def step(self) -> Window:
        """Brings a step file of what the server shows now."""
        with self.carrier.page.expect_download() as saving:
            self.carrier.go("carry.save")
        path = self.folder / saving.value.suggested_filename
        saving.value.save_as(path)
        self.offline.page.set_input_files("#step-file", path)
        return self.offline

    def answer(self, kind: str) -> None:
        """Hands in what was saved."""
        page = self.offline.page
        expect(page.locator(".chosen li", has_text=f"-{kind}.")).to_have_count(1)
        [*_, saved] = [one for one in self.offline.saved if f"-{kind}." in one.suggested_filename]
        self.carrier.page.set_input_files("#answer-file", saved.path())
        what = word(f"trustee.carry.kind.{kind}")
        self.carrier.waits("carry.left", what=what)


def test_three_trustees_have_only_the_page(
    committee: Committee, window: Callable[..., Window], tmp_path: Path
):
    """From a stick, from the server by the letter's link, and without a network by files."""
    mine = window()
    mine.enter(committee.link(1))
    served = window(committee.link(2), viewport=NARROW, color_scheme="dark")
    carried = _carrying(committee, window, tmp_path)
    pages = (mine, served)
    for page in pages:
        page.make_drawn()
    carried.offline.make_drawn()
    looked_at(carried.offline.page, "t50-answer")
    carried.answer("step1")
    looked_at(carried.carrier.page, "t51-carried")
    _agreed(carried, pages)
    committee.step(lambda books: seal.propose(books, committee.draft))
    for page in (*pages, carried.step()):
        page.says("definition.title")
        expect(page.page.locator("main")).to_contain_text("Nghị quyết số 96/2023/QH15")
        page.go("definition.go")
    carried.answer("seal")
    committee.step(lambda books: seal.seal(books, committee.uuid))
    for page in (*pages, carried.step()):
        page.says("sealed.title")
        page.compare()
    carried.answer("checked")
    registered = checked_in(committee)
    for page in (*pages, carried.step()):
        page.sign_counted("opening")
    carried.answer("opening")
    for page in pages:
        page.says("opened.title")
        page.compare()
    for guest, secrets in registered:
        committee.away(partial(demo.vote, (guest, secrets)))
    committee.away(lambda: committee.desk.close(committee.uuid))
    for page in (*pages, carried.step()):
        page.sign_counted("closing")
    looked_at(carried.offline.page, "t52-closed")
    carried.answer("closing")
    mine.open_totals()
    carried.step().open_totals()
    looked_at(carried.offline.page, "t53-share")
    carried.answer("share")
    looked_at(served.page, "t54-narrow-dark")
    record = committee.away(lambda: published(committee))
    assert committee.away(lambda: main.run(["audit", str(record)])) == 0
    carried.step().says("over.title")


def _carrying(committee: Committee, window: Callable[..., Window], folder: Path) -> Carried:
    """The computer with the network has no key; files that are no step files are refused."""
    carrier = window(committee.link(3), viewport=NARROW)
    carrier.says("make.title")
    carrier.go("carry.go")
    carrier.says("carry.title")
    looked_at(carrier.page, "t55-carry")
    carrier.page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert carrier.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shot(carrier.page, "t57-carry-200")
    carrier.page.evaluate("document.documentElement.style.fontSize = ''")
    carried = Carried(window(offline=True), carrier, folder)
    page = carried.offline.page
    press(page, word("home.trustee_go"))
    page.set_input_files("#step-file", file_of(folder, "photo.jpg", b"\xff\xd8\xff"))
    carried.offline.says("fault.no_step_file.title")
    looked_at(page, "t56-no-step-file")
    page.reload()
    carried.step().says("make.title")
    assert page.evaluate(ELSEWHERE, committee.url) == "connect-src"
    return carried


def _agreed(carried: Carried, pages: tuple[Window, ...]) -> None:
    """Everybody reads the same code; each finishes the key."""
    codes_read = set()
    for page in (*pages, carried.step()):
        page.says("agreement.title")
        codes_read.add(page.compare())
    assert len(codes_read) == 1
    carried.answer("step2")
    for page in pages:
        page.waits("wait.step3", missing="3")
    carried.step()
    carried.answer("step3")
    for page in pages:
        page.waits("wait.proposal")

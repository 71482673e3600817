"""A trustee's whole work by the page, opened as a file, beside two who have the command line."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from admin.cli import keys, main
from admin.demo import session as demo
from admin.demo.session import Guest
from admin.lifecycle import seal
from crypto import ceremony, keyfile
from crypto.encoding import to_base64
from crypto.keyfile import Cost, unseal
from tests.browser.hall import NARROW, PATIENCE, shot
from tests.browser.looks import looked_at
from tests.browser.test_auditor import press, word
from tests.browser.trustees import (
    ELSEWHERE,
    PASSPHRASE,
    SIZE,
    VOTERS,
    Committee,
    Window,
    checked_in,
    file_of,
    published,
)


@dataclass
class Laptop:
    """A trustee at the command line, on a machine of its own."""

    folder: Path
    committee: Committee
    owner: int
    capture: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch

    def __post_init__(self) -> None:
        self.folder.mkdir()
        (self.folder / "pass").write_text(PASSPHRASE, encoding="utf-8")
        (self.folder / "code").write_text(self.committee.code(self.owner), encoding="ascii")

    def join(self, *options: str) -> dict[str, Any]:
        """One run of the command."""
        server = ["--server", self.committee.url, "--uuid", self.committee.uuid, "--workers", "1"]
        files = {"--code-file": "code", "--key": "key", "--passphrase-file": "pass"}
        named = [part for key, name in files.items() for part in (key, str(self.folder / name))]
        self.capture.readouterr()
        with self.patch.context() as patched:
            patched.setenv("PHIEUKIN_LANG", "en")
            patched.setenv("XDG_STATE_HOME", str(self.folder / "state"))
            patched.setattr(keys, "seal", partial(keyfile.seal, cost=Cost(64, 1, 1)))
            arguments = ["trustee", "join", "--json", *server, *named, *options]
            status = self.committee.away(lambda: main.run(arguments))
        stdout, told = self.capture.readouterr()
        assert status == 0, told
        return dict(json.loads(stdout))


def test_a_trustee_does_everything_by_the_page(
    committee: Committee,
    window: Callable[..., Window],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    """Key, three signatures, totals; reloaded on the way; the other two are at the command line."""
    laptops = [Laptop(tmp_path / str(i), committee, i, capsys, monkeypatch) for i in (2, 3)]
    mine = window()
    _make_keys(committee, mine, laptops)
    _sign_definition(committee, mine, laptops)
    registered = _open_box(committee, mine, laptops)
    for guest, secrets in registered:
        committee.away(partial(demo.vote, (guest, secrets)))
    committee.away(lambda: committee.desk.close(committee.uuid))
    _sign_close(mine, laptops)
    _open_totals(mine, window(), committee.link(3), laptops[1].folder / "key")
    capsys.readouterr()
    record = committee.away(lambda: published(committee))
    assert committee.away(lambda: main.run(["audit", str(record)])) == 0
    mine.says("over.title")
    looked_at(mine.page, "t20-over")


def _make_keys(committee: Committee, mine: Window, laptops: list[Laptop]) -> None:
    looked_at(mine.page, "t0-home")
    mine.enter(committee.link(1))
    mine.says("make.title")
    assert mine.page.evaluate(ELSEWHERE, "https://example.org/") == "connect-src"
    looked_at(mine.page, "t1-make")
    mine.make()
    mine.says("copy.title")
    looked_at(mine.page, "t2-copy")
    mine.keep_copy()
    looked_at(mine.page, "t3-copied")
    mine.go("first.go")
    mine.waits("wait.step1", missing="2, 3")
    looked_at(mine.page, "t4-waits")
    for laptop in laptops:
        laptop.join()
    mine.says("agreement.title")
    looked_at(mine.page, "t5-agreement")
    mine.page.locator("#group").fill("0000")
    mine.go("compare.go")
    expect(mine.page.locator("#group-wrong")).to_have_text(word("trustee.compare.wrong"))
    agreed = mine.compare()
    for laptop in laptops:
        laptop.join("--agreement", agreed)
    for laptop in laptops:
        laptop.join("--agreement", agreed)
    mine.says("wait.proposal_title")
    mine.waits("wait.proposal")
    looked_at(mine.page, "t6-key")
    state = unseal(mine.newest(), PASSPHRASE, "key")
    assert state.share is not None


def _sign_definition(committee: Committee, mine: Window, laptops: list[Laptop]) -> None:
    committee.step(lambda books: seal.propose(books, committee.draft))
    mine.says("definition.title")
    looked_at(mine.page, "t7-definition")
    for official in committee.draft.officials:
        expect(mine.page.locator("main")).to_contain_text(official.name)
    mine.go("definition.go")
    mine.says("wait.seal_title")
    for laptop in laptops:
        assert laptop.join("--fingerprint", laptop.join()["phi"])["done"] == ["sign"]
    committee.step(lambda books: seal.seal(books, committee.uuid))
    mine.says("sealed.title")
    looked_at(mine.page, "t8-session-code")
    mine.compare()
    mine.says("wait.opening_title")
    looked_at(mine.page, "t9-sealed")


def _open_box(committee: Committee, mine: Window, laptops: list[Laptop]) -> list[tuple[Guest, Any]]:
    """Everyone is there; the page is loaded anew, as on another day."""
    registered = checked_in(committee)
    mine.page.reload()
    mine.says("open.title")
    looked_at(mine.page, "t10-open-key")
    mine.unlock("một mật khẩu khác")
    expect(mine.page.get_by_role("alert").locator("h2")).to_have_text(
        word("trustee.fault.wrong_passphrase.title")
    )
    mine.unlock()
    mine.says("opening.title")
    code = mine.compare()
    mine.count(VOTERS - 1)
    mine.says("fault.bad_counts.title")
    looked_at(mine.page, "t11-more-than-people")
    mine.go("fault.again")
    mine.count(VOTERS)
    expect(mine.page.locator(".numbers dd")).to_have_text([str(VOTERS)] * 5 + ["0"])
    looked_at(mine.page, "t12-seal")
    mine.go("opening.go")
    mine.says("wait.opened_title")
    for laptop in laptops:
        laptop.join("--fingerprint", code, "--present", str(VOTERS))
    mine.says("opened.title")
    looked_at(mine.page, "t13-opening-code")
    assert mine.compare() == laptops[0].join()["codes"]["opening"]
    mine.says("wait.close_title")
    return registered


def _sign_close(mine: Window, laptops: list[Laptop]) -> None:
    mine.says("closing.title")
    mine.count(VOTERS)
    expect(mine.page.locator(".numbers dd")).to_have_text([str(VOTERS)] * 3 + ["0", "0"])
    looked_at(mine.page, "t14-close")
    mine.go("closing.go")
    mine.says("wait.closed_title")
    for laptop in laptops:
        assert "sign_closing" in laptop.join("--present", str(VOTERS))["done"]


def _open_totals(mine: Window, other: Window, link: str, key_file: Path) -> None:
    """The second share is made on another computer, from a key file of the command line."""
    mine.says("totals.title")
    looked_at(mine.page, "t15-closing-code")
    code = mine.compare()
    with suppress(AssertionError):  # the pause may be over on a slow machine
        expect(mine.page.locator("[role=timer]")).to_be_visible(timeout=500)
        shot(mine.page, "t16-pause")
    expect(mine.page.locator("[role=timer]")).to_have_count(0)
    looked_at(mine.page, "t17-settled")
    mine.go("totals.go")
    mine.says("totals.sent_title")
    looked_at(mine.page, "t18-sent")
    other.enter(link)
    other.says("open.title")
    other.page.set_input_files("#key-file", key_file)
    other.unlock()
    other.says("totals.title")
    assert other.compare() == code
    looked_at(other.page, "t19-restored-totals")
    expect(other.page.locator("[role=timer]")).to_have_count(0)
    other.go("totals.go")
    other.says("totals.sent_title")
    expect(mine.page.locator("main")).to_contain_text(word("trustee.totals.enough"))
    state = unseal(mine.newest(), PASSPHRASE, "key")
    assert state.tally is not None


# --- Bad input ----------------------------------------------------------------------------------


def test_a_key_stays_in_one_window_and_on_one_machine(
    committee: Committee, window: Callable[..., Window], tmp_path: Path
):
    """Two windows, another machine, files that are no key, another session's key."""
    link = committee.link(1)
    mine = window()
    mine.enter(link)
    mine.make()
    mine.says("copy.title")
    second = mine.open()
    mine.enter(link, second)
    expect(second.locator("h1")).to_have_text(word("trustee.fault.two_windows.title"))
    looked_at(second, "t30-two-windows")
    second.close()
    mine.keep_copy()
    mine.go("first.go")
    mine.waits("wait.step1", missing="2, 3")
    key = mine.newest()
    other = window()
    other.enter(link)
    other.says("open.title")
    other.page.set_input_files("#key-file", file_of(tmp_path, "photo.jpg", b"\xff\xd8\xff"))
    _told(other, "no_key_file")
    other.page.set_input_files("#key-file", file_of(tmp_path, "cut.key", key[: len(key) // 2]))
    other.unlock()
    _told(other, "no_key_file")
    other.page.set_input_files("#key-file", file_of(tmp_path, "foreign.key", _foreign()))
    other.unlock()
    _told(other, "other_session")
    looked_at(other.page, "t31-other-session")
    other.page.set_input_files("#key-file", file_of(tmp_path, "mine.key", key))
    other.unlock()
    other.waits("wait.step1", missing="2, 3")
    expect(other.page.locator(".note")).to_have_text(word("trustee.fault.restored.do"))
    looked_at(other.page, "t32-restored")


def _told(other: Window, fault: str) -> None:
    expect(other.page.get_by_role("alert").locator("h2")).to_have_text(
        word(f"trustee.fault.{fault}.title")
    )


def _foreign() -> bytes:
    """A key of the same place in another committee."""
    state, _ = ceremony.step1(1, SIZE, 2)
    return keyfile.seal(state, PASSPHRASE, cost=Cost(64, 1, 1))


# Another window has written the key meanwhile; the browser no longer lets anybody write.
OTHER_WINDOW = """(slot) => new Promise((stored) => {
  const opening = indexedDB.open("phieukin-trustee", 1);
  opening.onsuccess = () => {
    const writing = opening.result.transaction("keys", "readwrite");
    writing.objectStore("keys").put({ mark: "other" }, slot);
    writing.oncomplete = () => { opening.result.close(); stored(); };
  };
})"""
NO_STORAGE = """() => {
  IDBFactory.prototype.open = () => {
    throw new DOMException("denied", "SecurityError");
  };
}"""


def test_what_is_entered_wrongly_is_told(committee: Committee, window: Callable[..., Window]):
    """No link, an unsafe address, another role's code, passphrases that would be guessed."""
    mine = window()
    page = mine.page
    press(page, word("home.trustee_go"))
    looked_at(page, "t33-enter")
    for text, fault in (
        ("xin chào", "bad_link"),
        (f"http://vote.example.vn/v/{committee.uuid}#c=7KQ2-M4XW-9RTB-0VJN", "insecure"),
        (f"{committee.url}/v/{committee.uuid}#c=7KQ2", "bad_code"),
    ):
        page.locator("#letter").fill(text)
        mine.go("enter.go")
        expect(page.locator("#letter-wrong")).to_have_text(word(f"trustee.fault.{fault}.do"))
    page.locator("#letter").fill("7KQ2-M4XW-9RTB-0VJN")
    page.locator("#server").fill(committee.url)
    page.locator("#session").fill(committee.uuid)
    looked_at(page, "t34-enter-code")
    mine.go("enter.go")
    mine.says("fault.bad_code.title")
    mine.go("fault.again")
    page.locator("#letter").fill(committee.link(2))
    mine.go("enter.go")
    mine.says("make.title")
    page.locator("#again").fill("khác")
    mine.go("make.go")
    expect(page.locator("#again-wrong")).to_have_text(word("trustee.make.differ"))
    mine.go("make.own")
    for passphrase, again, wrong in (
        ("ngắn", "ngắn", word("trustee.make.short").format(least=12)),
        ("123456789012", "123456789012", word("trustee.make.weak")),
        (PASSPHRASE, "khác", word("trustee.make.differ")),
    ):
        page.locator("#passphrase").fill(passphrase)
        page.locator("#again").fill(again)
        mine.go("make.go")
        field_id = "#again-wrong" if again != passphrase else "#passphrase-wrong"
        expect(page.locator(field_id)).to_have_text(wrong)
    looked_at(page, "t35-make-wrong")
    page.evaluate(OTHER_WINDOW, f"{committee.uuid}-trustee-2")
    for fault, before in (("changed", "0"), ("no_storage", NO_STORAGE)):
        page.evaluate(before)
        for name in ("#passphrase", "#again"):
            page.locator(name).fill(PASSPHRASE)
        mine.go("make.go")
        _told(mine, fault)
        looked_at(page, f"t36-{fault}")


# --- Lies, and the page that a server gives out ---------------------------------------------------


def _exchanged(view: dict[str, Any]) -> dict[str, Any]:
    _, message = ceremony.step1(1, SIZE, 2)
    return {**view, "messages": {"step1": {"1": to_base64(message.encode())}}}


LIES: dict[str, Callable[[dict[str, Any]], object]] = {
    "other_key": _exchanged,
    "other_session": lambda view: {**view, "threshold": 3},
    "restarted": lambda view: {**view, "messages": {"step1": {}}},
    "old_copy": lambda view: {**view, "state": "closed", "messages": {"closing": {"1": "AA=="}}},
    "malformed": lambda view: {**view, "state": "asleep"},
}
SAFE = {"other_session": "file", "old_copy": "memory", "malformed": "sending"}


def test_what_a_server_shows_wrongly_is_told(committee: Committee, window: Callable[..., Window]):
    """Each lie has its sentences, nothing is sent, and with the truth the page goes on."""
    mine = window()
    mine.enter(committee.link(1))
    mine.make()
    mine.keep_copy()
    mine.go("first.go")
    for owner in (2, 3):
        committee.send_first(owner)
    mine.compare()
    mine.waits("wait.step2", missing="2, 3")
    sent: list[str] = []
    mine.page.on("request", lambda asked: sent.append(asked.url) if asked.method == "PUT" else None)
    for fault, lie in LIES.items():
        mine.context.route(f"**/committee/{committee.uuid}", partial(_lying, lie))
        mine.says(f"fault.{fault}.title")
        expect(mine.page.locator("main")).to_contain_text(
            word(f"trustee.safe.{SAFE.get(fault, 'ceremony')}")
        )
        looked_at(mine.page, f"t40-{fault}")
        mine.context.unroute_all(behavior="wait")
        mine.page.reload()
        mine.unlock()
        mine.waits("wait.step2", missing="2, 3")
    assert sent == []


def _lying(lie: Callable[[dict[str, Any]], object], route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, json=lie(answer.json()))


# A file of the browser's own, in place of one that a person chooses.
OWN_FILE = """window.showSaveFilePicker = async ({ suggestedName }) =>
  (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true });"""
READ = """async (name) => (await (await (await navigator.storage.getDirectory())
  .getFileHandle(name)).getFile()).text()"""


def test_the_page_of_a_server_writes_one_file_again_and_again(
    committee: Committee, browser: Browser
):
    """The letter's code stands in the address, which forgets it; the policy is the server's own."""
    look: dict[str, Any] = {"viewport": NARROW, "locale": "en-GB", "color_scheme": "dark"}
    context = browser.new_context(**look)
    context.set_default_timeout(PATIENCE)
    context.add_init_script(OWN_FILE)
    page, saved = context.new_page(), []
    page.on("download", lambda saving: saved.append(saving.suggested_filename))
    code = committee.code(3)
    page.goto(f"{committee.url}/committee#s={committee.uuid}&c={code}")
    expect(page.locator("h1")).to_have_text(word("trustee.make.title", "en"))
    assert code not in page.url
    assert page.evaluate(ELSEWHERE, "https://example.org/") == "connect-src"
    looked_at(page, "t41-make-narrow-dark")
    passphrase = page.locator(".drawn").inner_text()
    page.locator("#again").fill(passphrase)
    page.get_by_role("button", name=word("trustee.make.go", "en"), exact=True).click()
    expect(page.locator("h1")).to_have_text(word("trustee.copy.title", "en"))
    written = page.evaluate(READ, f"{committee.uuid}-trustee-3.key")
    assert unseal(written.encode(), passphrase, "key").index == 3
    assert saved == []
    page.reload()
    page.locator("#passphrase").fill(passphrase)
    page.get_by_role("button", name=word("trustee.open.go", "en"), exact=True).click()
    expect(page.locator("h1")).to_have_text(word("trustee.copy.title", "en"))
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shot(page, "t42-copy-narrow-200")
    context.close()

"""The page of committee and auditors, opened as a file with the network cut."""

import base64
import gzip
import io
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from admin.record import auditor
from admin.record.auditor import Attendance
from crypto import checkpoint, note
from crypto.encoding import b64_sha256
from crypto.lifecycle import State
from tests.admin.record.test_bundle import contents, signed
from tests.browser.hall import DIST, NARROW, ROOT, shot
from tests.browser.looks import looked_at
from tests.interop.test_miniapp_audit import CLI, SALT, audited_roster, roster
from tests.testkit import ROSTER, UUID, VOTES, Session, honest, honest_bundle, session

LAPTOP = {"width": 960, "height": 900}
FILE = DIST / "ban-kiem-phieu.html"
RECORD = f"{UUID}.phieukin.zip"
CHECKS = 22  # of a bundle, without what nobody asked for
DROP = """(files) => {
  const transfer = new DataTransfer();
  for (const [name, content] of files) {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    transfer.items.add(new File([bytes], name));
  }
  document.body.dispatchEvent(
    new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""


def word(key: str, lang: str = "vi") -> str:
    """A sentence of the page."""
    sentence: Any = tomllib.loads(
        (ROOT / "bot/miniapp/locales/committee" / f"{lang}.toml").read_text("utf-8")
    )
    for part in key.split("."):
        sentence = sentence[part]
    return str(sentence)


@contextmanager
def opened(browser: Browser, before: str = "", **options: Any) -> Iterator[Page]:
    """The file in a browser without network; it asks nobody, and complains of nothing."""
    options = {"viewport": LAPTOP, "locale": "vi-VN", **options}
    context = browser.new_context(offline=True, **options)
    if before:
        context.add_init_script(before)
    asked: list[str] = []
    wrong: list[str] = []
    context.on("request", lambda request: asked.append(request.url.partition(":")[0]))
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    page = context.new_page()
    page.goto(f"{FILE.as_uri()}#auditor")
    yield page
    assert set(asked) <= {"file", "blob", "data"}
    assert wrong == []
    context.close()


def drop(page: Page, name: str, content: bytes) -> None:
    drop_all(page, {name: content})


def drop_all(page: Page, files: dict[str, bytes]) -> None:
    """Several files at once, as they come out of one folder."""
    encoded = [[name, base64.b64encode(content).decode()] for name, content in files.items()]
    page.evaluate(DROP, encoded)


def choose(page: Page, name: str, content: bytes, field: str = "record") -> None:
    payload = FilePayload(name=name, mimeType="application/octet-stream", buffer=content)
    page.set_input_files(f"#{field}", payload)


def verdict(page: Page, kind: str, lang: str = "vi") -> None:
    expect(page.locator(".verdict h1")).to_have_text(word(f"verdict.{kind}", lang))


def press(page: Page, title: str) -> None:
    """By keyboard alone: tabs until it is there."""
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText") == title:
            break
    page.keyboard.press("Enter")


def test_a_record_is_audited_by_keyboard_without_network(browser: Browser):
    """Dropped, with the code from the hall: every check holds, and the results are there."""
    with opened(browser) as page:
        expect(page.locator("h1")).to_have_text(word("choose.title"))
        looked_at(page, "a0-choose")
        press(page, word("choose.go"))
        expect(page.locator("#record-needed")).to_have_text(word("choose.needed"))
        workers: list[str] = []
        page.on("worker", lambda worker: workers.append(worker.url))
        drop(page, RECORD, honest_bundle())
        expect(page.locator(".chosen")).to_contain_text(RECORD)
        page.locator("#code").focus()
        page.keyboard.type("AH8N-F3CB")
        press(page, word("choose.go"))
        expect(page.locator("#code-wrong")).to_have_text(word("choose.code_wrong"))
        looked_at(page, "a1-choose-wrong")
        page.locator("#code").focus()
        page.keyboard.press("Control+A")
        page.keyboard.type(session().code.lower())
        expect(page.locator("#code-wrong")).to_be_empty()
        shot(page, "a2-chosen")
        press(page, word("choose.go"))
        verdict(page, "held")
        expect(page.locator(".verdict h1")).to_be_focused()
        looked_at(page, "a3-held")
        expect(page.locator(".checks li.ok")).to_have_count(CHECKS + 1)
        expect(page.get_by_text(word("verdict.code_same"))).to_be_visible()
        assert page.locator(".chain dd").all_inner_texts() == ["13", "12", "11", "10", "9", "9"]
        expect(page.locator(".results tbody tr")).to_have_count(3)
        assert page.locator(".signed dd").all_inner_texts() == signed_by()
        assert [url.partition(":")[0] for url in workers] == ["blob"] * len(workers) != []
        printed = page.pdf(format="A4")
        assert printed.startswith(b"%PDF")
        press(page, word("verdict.again"))
        expect(page.locator("h1")).to_have_text(word("choose.title"))


def signed_by() -> list[str]:
    """Who has signed the record of the tests, in the words of the page: numbers, no names."""
    all_of_them = word("signatures.of_needed").format(owners="1, 2, 3", needed=3)
    opened_by = word("signatures.trustees").format(owners="1, 3")
    server, chair = word("signatures.server_signed"), word("signatures.chair")
    return [all_of_them, all_of_them, all_of_them, opened_by, server, chair]


def test_in_english_on_a_phone_in_the_dark_with_receipts(browser: Browser, promise: bytes):
    """Twice the size of the type, too. The language changes at any time, and nothing is lost."""
    look: dict[str, Any] = {"viewport": NARROW, "color_scheme": "dark", "locale": "en-GB"}
    with opened(browser, **look) as page:
        looked_at(page, "a4-choose-narrow-dark")
        choose(page, RECORD, honest_bundle())
        choose(page, "receipt.txt", promise, "more")
        expect(page.locator(".chosen")).to_have_count(2)
        page.get_by_role("button", name=word("choose.go", "en")).click()
        verdict(page, "held", "en")
        expect(page.locator(".verdict")).to_contain_text(word("verdict.held_compare", "en"))
        looked_at(page, "a5-held-narrow-dark")
        page.get_by_role("button", name="Tiếng Việt").click()
        verdict(page, "held")
        expect(page.locator(".checks li.ok")).to_have_count(CHECKS + 1)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        shot(page, "a6-held-narrow-200")


@pytest.fixture(scope="module")
def promise() -> bytes:
    """A receipt of a ballot that is in the record."""
    return receipt(honest().ballots[0])


def receipt(ballot: bytes, of: Session | None = None) -> bytes:
    sealed = of or session()
    body = checkpoint.promise_body(UUID, sealed.phi, b64_sha256(ballot))
    return note.sign(body, [sealed.box]).encode()


def _auditors_bundle(lines: Attendance) -> bytes:
    """What only auditors get of `audited_roster`."""
    target = io.BytesIO()
    chair = audited_roster().signer("chair")
    auditor.write(target, lines, [roster(ROSTER)], SALT, [], chair)
    return target.getvalue()


def test_all_that_an_auditor_has_is_dropped_at_once(browser: Browser):
    """Record, auditors' bundle and two receipts; a bundle that says something else fails alone."""
    sealed = audited_roster()
    parts = sealed.archived([sealed.vote(i, choices) for i, choices in enumerate(VOTES)])
    files = {
        "bien-nhan-1.txt": receipt(parts.ballots[0], sealed),
        f"{UUID}.auditor.zip": _auditors_bundle(Attendance(UUID, CLI)),
        RECORD: sealed.bundle(sealed.sign(parts)),
        "bien-nhan-2.txt": receipt(parts.ballots[1], sealed),
    }
    with opened(browser) as page:
        drop_all(page, files)
        expect(page.locator(".chosen li")).to_have_count(len(files))
        looked_at(page, "a11-all-dropped")
        page.get_by_role("button", name=word("choose.go")).click()
        verdict(page, "held")
        expect(page.locator(".checks li.ok")).to_have_count(CHECKS + 2)
        expect(page.get_by_text(word("proved.auditors"))).to_be_visible()
        expect(page.get_by_text(word("proved.promises").format(number=2))).to_be_visible()
        page.get_by_role("button", name=word("verdict.again")).click()
        other = _auditors_bundle(Attendance(UUID, CLI[1:]))
        drop_all(page, files | {f"{UUID}.auditor.zip": other})
        expect(page.locator(".chosen li")).to_have_count(len(files))
        page.get_by_role("button", name=word("choose.go")).click()
        verdict(page, "failed")
        expect(page.locator(".verdict")).to_contain_text(word("fault.auditor.safe"))
        looked_at(page, "a12-other-bundle")


# --- Records that do not hold -------------------------------------------------------------------


def _ballot_left_out() -> bytes:
    return session().bundle(session().sign(honest().with_ballots(honest().ballots[1:])))


def _other_results() -> bytes:
    results = contents()["results.json"].replace(b'"low":', b'"low":1', 1)
    return signed(contents() | {"results.json": results})


def _closing_without_quorum() -> bytes:
    sealed = session()
    notes = honest().notes
    closing = sealed.checkpoints(honest())[State.CLOSED]
    return sealed.bundle(honest().with_notes([*notes[:2], sealed.note(closing, (2,)), notes[3]]))


def _one_byte() -> bytes:
    raw = bytearray(honest_bundle())
    raw[len(raw) // 2] ^= 1
    return bytes(raw)


@pytest.mark.parametrize(
    ("alter", "check", "number", "family"),
    [
        (_one_byte, "container", "0", "copy"),
        (_ballot_left_out, "tally", "6", "ballots"),
        (_closing_without_quorum, "closing_signed", "17", "signed"),
        (_other_results, "results", "20", "told"),
    ],
)
def test_an_altered_record_fails_at_its_check(
    browser: Browser, alter: Callable[[], bytes], check: str, number: str, family: str
):
    """It says which check, what that means, what is safe, what to do; it claims nothing."""
    with opened(browser) as page:
        choose(page, RECORD, alter())
        page.get_by_role("button", name=word("choose.go")).click()
        verdict(page, "failed")
        judgement = page.locator(".verdict")
        title = word(f"check.{check}.title")
        expect(judgement).to_contain_text(
            word("verdict.failed_what").format(number=number, title=title)
        )
        expect(judgement).to_contain_text(word(f"check.{check}.wrong"))
        expect(judgement).to_contain_text(word(f"fault.{family}.safe"))
        expect(judgement).to_contain_text(word(f"fault.{family}.do"))
        expect(page.locator(".checks li.failed")).to_have_count(1)
        expect(page.get_by_role("heading", name=word("proved.title"), exact=True)).to_have_count(0)
        expect(page.locator(".results")).to_have_count(0)
        looked_at(page, f"a7-failed-{check}")


def test_what_the_auditor_knows_is_compared(browser: Browser):
    """Another session's code, a receipt whose ballot is lost."""
    with opened(browser) as page:
        choose(page, RECORD, honest_bundle())
        page.locator("#code").fill("0000-0000-0000-0000-0000")
        page.get_by_role("button", name=word("choose.go")).click()
        verdict(page, "failed")
        expect(page.locator(".verdict")).to_contain_text(word("check.fingerprint.wrong"))
        page.get_by_role("button", name=word("verdict.again")).click()
        choose(page, RECORD, honest_bundle())
        choose(page, "receipt.txt", receipt(b"{}"), "more")
        page.get_by_role("button", name=word("choose.go")).click()
        verdict(page, "failed")
        expect(page.locator(".verdict")).to_contain_text(word("check.promises.wrong"))


def test_an_archive_alone_without_workers(browser: Browser):
    """A browser that makes no workers comes to the same, and the smaller scope is told."""
    with opened(browser, "delete globalThis.Worker;") as page:
        drop(page, f"{UUID}.bel", honest().archive)
        expect(page.locator(".chosen")).to_contain_text(word("choose.kind_archive"))
        page.get_by_role("button", name=word("choose.go")).click()
        verdict(page, "held")
        expect(page.get_by_text(word("verdict.held_archive"))).to_be_visible()
        expect(page.get_by_text(session().phi)).to_be_visible()
        looked_at(page, "a8-archive")


def test_who_stops_is_back_at_the_beginning(browser: Browser):
    """While workers are silent; what the audit finds afterwards is not shown."""
    silent = "globalThis.Worker = class { postMessage() {} terminate() {} };"
    with opened(browser, silent) as page:
        choose(page, RECORD, honest_bundle())
        page.get_by_role("button", name=word("choose.go")).click()
        expect(page.locator(".state")).to_contain_text(word("check.ballots.title"))
        looked_at(page, "a8-checking")
        page.get_by_role("button", name=word("checking.stop")).click()
        expect(page.locator("h1")).to_have_text(word("choose.title"))
        page.wait_for_timeout(500)
        expect(page.locator("h1")).to_have_text(word("choose.title"))


# --- Files that are no record ----------------------------------------------------------------


def _zip(*names: str, method: int = zipfile.ZIP_DEFLATED, content: bytes = b"x") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as made:
        for name in names:
            made.writestr(name, content)
    return target.getvalue()


STRAYS = {
    "empty": lambda: b"",
    "cut": lambda: honest_bundle()[: len(honest_bundle()) * 2 // 3],
    "zip": lambda: _zip("a.txt"),
    "office": lambda: _zip("[Content_Types].xml", "word/document.xml"),
    "papers": lambda: _zip("PAPERS", method=zipfile.ZIP_STORED),
    "result": lambda: _zip("MANIFEST", "count.json", method=zipfile.ZIP_STORED),
    "pdf": lambda: b"%PDF-1.7\n",
    "page": lambda: b"<!DOCTYPE html><title>502</title>",
    "image": lambda: b"\x89PNG\r\n",
    "unknown": lambda: b"\0" * 4096,
}


def test_a_file_that_is_no_record_is_told_what_it_is(browser: Browser):
    """Each has its sentence, nothing is begun, and the right file is taken afterwards."""
    with opened(browser) as page:
        for kind, content in STRAYS.items():
            choose(page, f"{kind}.phieukin.zip", content())
            refusal = page.get_by_role("alert").filter(has_text=f"{kind}.phieukin.zip")
            expect(refusal).to_contain_text(word(f"wrong_file.{kind}"))
            expect(refusal).to_contain_text(word("wrong_file.safe"))
        looked_at(page, "a9-no-record")
        choose(page, "receipt.txt", receipt(honest().ballots[0]))
        page.get_by_role("button", name=word("choose.go")).click()
        expect(page.locator("#record-needed")).to_have_text(word("wrong_file.promise"))
        choose(page, RECORD, honest_bundle())
        page.get_by_role("button", name=word("choose.go")).click()
        verdict(page, "held")


def test_a_zip_bomb_is_refused_unread(browser: Browser):
    """Named as a record, ten megabytes of nothing behind each name: refused by the directory."""
    bomb = _zip("MANIFEST", "ceremony.json", "checkpoints.txt", content=bytes(10_000_000))
    assert len(bomb) < 100_000
    with opened(browser) as page:
        choose(page, RECORD, bomb)
        page.get_by_role("button", name=word("choose.go")).click()
        verdict(page, "failed")
        expect(page.locator(".verdict")).to_contain_text(word("check.container.wrong"))


def test_a_file_that_goes_away_is_no_fault_of_the_record(browser: Browser, tmp_path: Path):
    """The stick is pulled out between choosing and checking."""
    path = tmp_path / RECORD
    path.write_bytes(honest_bundle())
    with opened(browser) as page:
        page.set_input_files("#record", path)
        expect(page.locator(".chosen")).to_contain_text(RECORD)
        path.unlink()
        page.get_by_role("button", name=word("choose.go")).click()
        verdict(page, "stopped")
        expect(page.locator(".verdict")).to_contain_text(word("wrong_file.unreadable"))
        looked_at(page, "a10-gone")


def test_the_file_is_small():
    """Both languages and the whole protocol in it."""
    assert len(gzip.compress(FILE.read_bytes(), 9)) <= 168_000

"""Delegates on three phones, and others without, vote through a whole session."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from admin.cli import main
from admin.demo import session as demo
from admin.demo.server import Running
from admin.lifecycle import steps
from admin.record.session_file import Block
from crypto import checkpoint, note
from crypto.committee import Moment
from crypto.session import Election
from tests.browser import phone
from tests.browser.hall import Hall, rated, shot, staged
from tests.e2e.site import recording
from tests.interop import belenios

VOTERS, OFFICIALS = 6, 5
CHOICES = [0, 1, None, 2, 0]
BLOCKS = (Block("Khối Hội đồng nhân dân", 2), Block("Khối Ủy ban nhân dân", 3))


@pytest.fixture
def hall(server: Running, browser: Browser):
    with staged(server, browser, replace(rated(VOTERS, OFFICIALS), blocks=BLOCKS)) as made:
        yield made


def test_a_session_by_browser_to_an_audited_record(hall: Hall, capsys: pytest.CaptureFixture[str]):
    """By code, by a kept phone that reloads, and by "another phone" after the first was lost."""
    with recording(hall.url) as (url, sent):
        bundle, backup_code = _session(hall, url)
        _check_sent(hall, sent, backup_code)
    assert main.run(["audit", str(bundle), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert set(document["counts"].values()) == {VOTERS}
    if belenios.find() is not None:
        assert main.run(["audit", str(bundle), "--belenios"]) == 0
    assert hall.errors == []


def _session(hall: Hall, url: str) -> tuple[Path, str]:
    """The whole session; returns its record and the backup code of the phone that gets lost."""
    http_voters = [4, 5, 3]
    hall.step(lambda books: steps.check_in(books, hall.uuid))
    windows = [hall.window() for _ in range(3)]
    pages = [window.new_page() for window in windows]
    for i, page in enumerate(pages):
        page.goto(hall.link(i).replace(hall.url, url))
        phone.says(page, "welcome.title")
        assert "#" not in page.url
        if i == 0:
            shot(page, "01-welcome")
        phone.collect(page)
    shot(pages[0], "02-ready")
    backup_code = phone.back_up(pages[2])
    made = hall.check_in_others(http_voters)
    hall.open_voting(VOTERS)
    phone.says(pages[0], "compare.title")
    shot(pages[0], "02-compare")
    _first(hall, pages[0])
    _offline_then_another_phone(hall, pages[2], url, backup_code)
    pages[1].reload()
    phone.fill(pages[1], [2] * OFFICIALS, hall.code)
    phone.review(pages[1])
    phone.encrypt(pages[1])
    _send_answer_lost(pages[1])
    promises = [
        hall.away(lambda g=guest, m=mine: demo.vote((hall.guest(g), m)))  # type: ignore[misc]
        for guest, mine in zip(http_voters, made, strict=True)
    ]
    assert len(promises) == len(http_voters)
    pages[1].route("**/trackers", lambda route: route.abort())
    hall.close()
    hall.sign(Moment.CLOSING, 1, 2)
    phone.says(pages[0], "recorded.waiting")
    _recorded_not_checked(pages[1])
    expect(pages[0].get_by_text("2/3")).to_be_visible()
    shot(pages[0], "09-waiting")
    hall.sign(Moment.CLOSING, 3)
    phone.says(pages[0], "counted.title")
    shot(pages[0], "09-counted")
    phone.says(pages[1], "counted.title")
    _check_promise(hall, pages[0])
    return hall.publish(), backup_code


def _first(hall: Hall, page: Page) -> None:
    """With a test ballot first; then nothing of the choices is left on the phone."""
    phone.guided(page, hall.code)
    assert page.locator("h2.block").all_inner_texts() == [block.heading for block in BLOCKS]
    shot(page, "03-ballot-empty")
    phone.fill(page, CHOICES, hall.code)
    expect(page.locator(".count")).to_contain_text("4/5")
    shot(page, "04-ballot")
    phone.review(page)
    shot(page, "05-review")
    assert page.locator("h2.block").all_inner_texts() == [block.heading for block in BLOCKS]
    opened = phone.encrypt(page)
    page.get_by_text(phone.word("sealed.doubt")).click()
    shot(page, "06-sealed")
    with page.expect_download() as download:
        phone.press(page, "sealed.open")
        phone.says(page, "opened.title")
        shot(page, "07-opened")
        phone.press(page, "opened.download")
    _check_on_second_device(page, download.value.path(), opened)
    phone.press(page, "opened.back")
    phone.says(page, "review.title")
    cast = phone.encrypt(page)
    assert cast != opened
    assert phone.send(page) == cast
    shot(page, "08-recorded")
    kept = page.evaluate(
        """() => new Promise((done) => { const o = indexedDB.open("phieukin"); o.onsuccess = () => {
        const all = o.result.transaction("voters").objectStore("voters").getAll();
        all.onsuccess = () => done(JSON.stringify(all.result)); }; })"""
    )
    assert json.loads(kept)[0].keys() == {"phi", "promise", "credential", "opening"}


def _check_on_second_device(page: Page, file: Path, tracker: str) -> None:
    """Another window computes the ballot again and says what is in it."""
    assert page.context.browser is not None
    other = page.context.browser.new_context(locale="vi-VN", viewport={"width": 390, "height": 844})
    second = other.new_page()
    second.goto(page.url + "?check")
    second.set_input_files("#file", file)
    expect(second.locator(".tracker")).to_be_visible()
    assert phone.tracker(second) == tracker
    shown = second.locator(".review strong").all_inner_texts()
    assert [text == phone.word("review.empty") for text in shown] == [c is None for c in CHOICES]
    shot(second, "10-check")
    raw = json.loads(file.read_text("utf-8"))
    raw["opening"] = raw["opening"].replace('"choices":[0,1', '"choices":[1,0')
    second.set_input_files(
        "#file",
        {
            "name": "x.json",
            "mimeType": "application/json",
            "buffer": json.dumps(raw, ensure_ascii=False, separators=(",", ":")).encode(),
        },
    )
    expect(second.get_by_text(phone.word("check.failed"))).to_be_visible()
    other.close()


def _offline_then_another_phone(hall: Hall, page: Page, url: str, backup_code: str) -> None:
    """The network goes while the ballot is on its way; letter and backup code go on elsewhere."""
    phone.fill(page, [0] * OFFICIALS, hall.code)
    page.reload()
    phone.says(page, "ballot.title")
    expect(page.locator("input:checked")).to_have_count(OFFICIALS)
    page.context.set_offline(True)
    phone.review(page)
    phone.encrypt(page)
    phone.press(page, "sealed.send")
    expect(page.get_by_text(phone.word("trouble"))).to_be_visible()
    page.context.close()
    another = hall.window().new_page()
    another.goto(hall.link(2).replace(hall.url, url))
    phone.restore(another, backup_code.lower())
    phone.fill(another, [1] * OFFICIALS, hall.code)
    phone.review(another)
    phone.encrypt(another)
    phone.send(another)


def _send_answer_lost(page: Page) -> None:
    """The box stores the ballot and its answer never comes: the same bytes again, one ballot."""
    page.evaluate(
        """() => { const send = window.fetch; window.fetch = async (...call) => {
        const answer = await send(...call);
        if (!String(call[0]).endsWith("/ballots")) return answer;
        window.fetch = send; throw new TypeError("the network is gone"); }; }"""
    )
    phone.send(page)


def _recorded_not_checked(page: Page) -> None:
    """Without the list of the close a recorded ballot is recorded, and no more is said."""
    phone.says(page, "recorded.title")
    expect(page.get_by_text(phone.word("recorded.unchecked"))).to_be_visible()
    shot(page, "09-unchecked")
    page.unroute("**/trackers")


def _check_promise(hall: Hall, page: Page) -> None:
    """What the page keeps is what Python takes for the box's promise."""
    election = Election.decode(hall.session.box.session()["election"].encode())
    assert election.parameters is not None
    signed = note.parse(phone.promise(page).encode())
    checkpoint.check_promise(signed, election, election.parameters, phone.tracker(page))


@dataclass(frozen=True)
class Sent:
    """One request as it went over the wire."""

    target: str
    headers: dict[str, str]
    body: bytes


def _requests(stream: bytes) -> Iterator[Sent]:
    """The requests of one connection."""
    while stream:
        head, _, stream = stream.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in lines)}
        size = int(headers.get("content-length", "0"))
        yield Sent(first.split(" ")[1], headers, stream[:size])
        stream = stream[size:]


def _check_sent(hall: Hall, sent: list[bytes], backup_code: str) -> None:
    """To the box no identity, and every ballot as long as every other; to nobody a backup code."""
    everything = b"".join(sent).upper().replace(b"-", b"")
    assert b"PUT /API/V1/REGISTRAR/RECOVERY" in everything
    assert backup_code.encode() not in everything
    requests = [one for stream in sent for one in _requests(stream)]
    box = [one for one in requests if one.target.startswith("/api/v1/box/")]
    ballots = [one for one in box if one.target.endswith("/ballots")]
    for one in box:
        assert not {"cookie", "authorization", "referer"} & one.headers.keys()
        assert not [name for name in one.headers if "telegram" in name]
        assert "?" not in one.target
    assert len(ballots) >= 3
    assert len({len(one.body) for one in ballots}) == 1
    assert len({frozenset(one.headers.items()) for one in ballots}) == 1
    letters = [hall.guest(i).code.replace("-", "") for i in range(3)]
    for one in requests:
        for code in letters:
            assert code not in one.target
            assert "/box/" not in one.target or code.encode() not in one.body

"""A printed letter says all that a voter needs, is read by a camera, and stays on its page."""

import io
import json
import re
import traceback
import unicodedata
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from admin.documents import letters, qr, typeset
from admin.documents.letters import Invited, LetterHead, NotSetError
from admin.words import Language, words
from crypto.encoding import Json
from tests.admin.documents.pictures import Face, shows
from tests.admin.documents.reading import pdf_pages

CODE = "7KQ2-M4XW-9RTB-0VJN"
ADDRESS = "https://bophieu.example.vn/v/Phieu1Kin2Test3A"
SESSION_CODE = "7KQ2-M9XA-41ZT-0DHE-RW8C"
LINK = f"{ADDRESS}#c={CODE}&f={SESSION_CODE}"
CHAT = "https://t.me/phieukin_bot?start=Phieu1Kin2Test3A-7KQ2M4XW9RTB0VJN"
HEAD = LetterHead(
    uuid="Phieu1Kin2Test3A",
    body="Hội đồng nhân dân tỉnh Bình Sơn",
    title="Lấy phiếu tín nhiệm đối với người giữ chức vụ do Hội đồng nhân dân bầu",
    day=datetime(2026, 12, 7, 8, 30),  # noqa: DTZ001  local time, as people say it
    timed=True,
    place="Hội trường Trung tâm, số 12 đường Lê Lợi",
    address=ADDRESS,
    session_code=SESSION_CODE,
    kind="state",
)
PPI = 100
MM = PPI / 25.4

NAME = Face(16, "bold")
STEP = Face(14)
CODE_GROUPS = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-")


def voter(number: int = 7, name: str = "Nguyễn Thị Ngọc Hữu Ưỡng", **changes: str) -> Invited:
    usual = {"code": CODE, "link": LINK, "chat": CHAT} | changes
    return Invited(number, name, ("Trưởng Ban Pháp chế", "Tổ đại biểu số 3"), **usual)


def page(
    occasion: LetterHead = HEAD, invited: Invited | None = None, ppi: float = PPI
) -> Image.Image:
    (picture,) = letters.png(occasion, [invited or voter()], "vi", ppi=ppi)
    return Image.open(io.BytesIO(picture)).convert("L")


def drawing(
    occasion: LetterHead = HEAD, invited: Invited | None = None, language: Language = "vi"
) -> bytes:
    return typeset.svg("letters", letters._data(occasion, [invited or voter()], language))


def read(picture: Image.Image) -> list[str]:
    """What a camera finds on the page, by a reader that is not ours, from the top down."""
    codes = zxingcpp.read_barcodes(picture)
    codes.sort(key=lambda code: code.position.top_left.y)
    return [code.text for code in codes]


def pages(document: bytes) -> int:
    (count,) = re.findall(rb"/Type/Pages/Count (\d+)", document)
    return int(count)


def said(occasion: LetterHead, language: Language = "vi") -> str:
    """Every sentence that goes onto the paper."""
    return str(letters._data(occasion, [voter()], language))


# --- Pages ------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 30])
def test_a_page_for_each_voter(count: int):
    everyone = [voter(number) for number in range(1, count + 1)]

    assert pages(letters.pdf(HEAD, everyone, "vi")) == count


def test_the_same_letters_make_the_same_bytes():
    """Without a clock, so that a copy can be told from another set of codes."""
    names = ("An", "An", "Ân")
    first, same, changed = (letters.pdf(HEAD, [voter(name=name)], "vi") for name in names)

    assert first == same
    assert first != changed
    assert b"CreationDate" not in first


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:18473/v/9TbYAbCdEfGhJkLm",
        "https://vote.a-council-with-a-very-long-name.example.vn:18473/v/9TbYAbCdEfGhJkLm",
    ],
)
def test_the_address_is_copied_from_the_letter_as_it_is(tmp_path: Path, address: str):
    """Where it may break nothing stands that nobody sees."""
    document = letters.pdf(replace(HEAD, address=address), [voter()], "vi")
    (text,) = pdf_pages(document, tmp_path)

    assert address in text.replace("\n", "")
    assert not [char for char in text if unicodedata.category(char) == "Cf"]


def test_it_is_a4():
    width, height = page().size

    assert (round(width / MM), round(height / MM)) == (210, 297)


def test_every_page_has_its_own_code():
    """The second voter's page has the second voter's link, and the footer their number."""
    everyone = [voter(), voter(8, link="https://x.example/v/Other#c=1", chat="")]
    first, second = letters.png(HEAD, everyone, "vi", ppi=PPI)

    assert read(Image.open(io.BytesIO(first))) == [LINK, CHAT]
    assert read(Image.open(io.BytesIO(second))) == ["https://x.example/v/Other#c=1"]
    assert [letter["footer"].split()[-1] for letter in data_of(everyone)] == ["7", "8"]


def data_of(everyone: list[Invited]) -> list[dict[str, Any]]:
    data: Any = letters._data(HEAD, everyone, "vi")["letters"]
    return list(data)


# --- What a camera reads ----------------------------------------------------------------------


def test_the_large_code_opens_the_ballot_and_the_small_one_the_bot():
    """The link with the code and the session code, and the bot's."""
    assert read(page()) == [LINK, CHAT]


@pytest.mark.parametrize(
    "damage",
    [
        lambda picture: picture.rotate(7, expand=True, fillcolor=255),
        lambda picture: picture.resize((picture.width // 2, picture.height // 2)),
        lambda picture: picture.point(lambda grey: 90 + grey // 4),
    ],
    ids=["turned", "far", "dark"],
)
def test_a_camera_that_is_held_badly_reads_it_too(damage):
    """Turned, from afar, in poor light."""
    assert LINK in read(damage(page()))


def test_without_a_bot_there_is_one_code():
    assert read(page(invited=voter(chat=""))) == [LINK]


def test_no_fold_goes_through_a_code():
    """The codes of an ordinary letter lie between the two marks."""
    codes = zxingcpp.read_barcodes(page())
    for code in codes:
        corners = (code.position.top_left.y, code.position.bottom_left.y)
        assert all(99 < corner / MM < 198 for corner in corners)

    assert len(codes) == 2


def test_a_code_has_its_quiet_zone():
    """Four modules of white around it, which old readers need."""
    assert '<path fill="#fff"' in qr.svg(LINK)
    assert 'viewBox="0 0 49 49"' in qr.svg(LINK)  # 41 modules of version 6


# --- What people read -------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["vi", "en"])
def test_it_is_in_the_language_asked_for(language: Language):
    svg = drawing(language=language)

    assert shows(svg, words("letter.step.after", language), STEP)
    assert shows(svg, words("letter.help_text", language), Face(12))


def test_it_names_the_voter_and_the_meeting():
    """Name, position, unit, number, day, hour and place stand as they were given."""
    svg = drawing()

    assert shows(svg, "Nguyễn Thị Ngọc Hữu Ưỡng", NAME)
    assert shows(svg, "Trưởng Ban Pháp chế", Face(13))
    assert shows(svg, "08 giờ 30 phút, ngày 07 tháng 12 năm 2026", Face(13))
    assert shows(svg, HEAD.place, Face(13))
    assert not shows(svg, "Nguyễn Thị Ngọc Hữu Ưởng", NAME)


def test_months_are_written_as_papers_do():
    """January and February take a nought, later months do not; without an hour none is said."""
    for month, written in ((1, "tháng 01"), (2, "tháng 02"), (6, "tháng 6"), (10, "tháng 10")):
        day = HEAD.day.replace(month=month)
        text = said(replace(HEAD, day=day, timed=False))
        assert f"'ngày 07 {written} năm 2026'" in text


def test_it_has_one_code_and_no_place_for_the_backup_code():
    """The phone makes that one, and it is written down elsewhere."""
    (letter,) = data_of([voter()])

    assert letter["code"] == CODE
    text = said(HEAD)
    assert text.count(CODE) == 1
    assert "Ghi mã đó ra giấy riêng, không ghi lên giấy này" in text
    assert "Không chụp ảnh" in text


def test_whoever_gets_the_code_is_addressed():
    """As the roster says."""
    data = letters._data(HEAD, [replace(voter(), honorific="Bà")], "vi")

    assert '"name": "Bà Nguyễn' in json.dumps(data, ensure_ascii=False)


@pytest.mark.parametrize(
    ("change", "holds", "gone"),
    [
        ({}, "có thể bỏ phiếu giấy", "DIỄN TẬP"),
        ({"paper": False}, "gặp thư ký", "phiếu giấy"),
        ({"rehearsal": True}, "DIỄN TẬP", "đồng chí"),
        ({"backup": False}, "không chuyển phiếu sang điện thoại khác", "mã dự phòng"),
        ({"kind": "party"}, "Đồng chí Nguyễn", "Đảng Cộng sản"),
        ({"kind": "party"}, "đồng chí", "đại biểu có"),
        ({"kind": "state"}, "'name': 'Nguyễn", "Độc lập - Tự do - Hạnh phúc"),
        ({"kind": None}, "đại biểu", "Độc lập"),
        ({"session_code": None}, "với màn hình hội trường, rồi", SESSION_CODE),
        ({"session_code": SESSION_CODE}, SESSION_CODE, "với màn hình hội trường, rồi"),
        ({"pages": False}, "Bỏ phiếu theo hướng dẫn", "Nhận phiếu"),
        ({"place": ""}, "Thời gian", "Địa điểm"),
    ],
)
def test_it_says_what_holds_for_this_session(change: dict[str, Any], holds: str, gone: str):
    text = said(replace(HEAD, **change))

    assert holds in text
    assert gone not in text


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("code", [None, SESSION_CODE])
def test_texts_for_the_old_are_large(language: Language, code: str | None):
    """The steps of an ordinary letter are set in 14 points."""
    svg = drawing(replace(HEAD, session_code=code), language=language)

    assert shows(svg, words("letter.step.scan", language), STEP)


def test_the_footer_has_no_secret():
    """Whoever sees only the foot of the page learns which letter it is."""
    footer = data_of([voter()])[0]["footer"]

    assert footer == "Số hiệu phiên Phieu1Kin2Test3A · Số thứ tự 7"
    assert not CODE_GROUPS.search(footer)


# --- Long texts -------------------------------------------------------------------------------

WORDS = "Nguyễn Thị Thanh Phương Hữu Ưỡng Trưởng ban "
LONG = replace(
    HEAD,
    body=("Hội đồng nhân dân tỉnh Bà Rịa – Vũng Tàu " * 8)[:300],
    title=("Lấy phiếu tín nhiệm đối với người giữ chức vụ " * 8)[:300],
    place=("Hội trường lớn Trung tâm hội nghị tỉnh " * 8)[:300],
    address="https://bophieu.hoidongnhandan.tinhbinhson.example.gov.vn:18443/v/Phieu1Kin2Test3A",
    rehearsal=True,
)


@pytest.mark.parametrize(
    ("occasion", "name", "details"),
    [
        (HEAD, "Ỡ" * 200, ()),
        (HEAD, (WORDS * 5)[:200], ("W" * 200, (WORDS * 5)[:200])),
        (LONG, (WORDS * 5)[:200], ((WORDS * 5)[:200], (WORDS * 5)[:200])),
        (replace(HEAD, title="W" * 300, body="Ỡ" * 300), "An", ()),
    ],
    ids=["name", "details", "everything", "words"],
)
def test_long_texts_stay_on_their_page(occasion: LetterHead, name: str, details: tuple[str, ...]):
    """Nothing runs over an edge or onto a second page, and the code can still be scanned."""
    invited = replace(voter(name=name), details=details)
    picture = page(occasion, invited)
    width, height = picture.size
    right = picture.crop((round(width - 15 * MM), 0, width, height))
    left = picture.crop((round(11 * MM), 0, round(20 * MM), height))
    bottom = picture.crop((0, round(height - 6 * MM), width, height))

    assert [edge.getextrema() for edge in (left, right, bottom)] == [(255, 255)] * 3
    assert read(page(occasion, invited, 2 * PPI)) == [LINK, CHAT]
    assert pages(letters.pdf(occasion, [invited], "vi")) == 1


# --- Errors -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make", [letters.pdf, lambda *args: letters.png(*args, ppi=72)], ids=["pdf", "png"]
)
def test_an_error_shows_no_code(make, monkeypatch: pytest.MonkeyPatch):
    """Whatever the typesetter has to say about its input stays unsaid."""
    real = letters._letter

    def broken(invited: Invited, say: letters._LetterPhrases) -> Json:
        letter = real(invited, say)
        assert isinstance(letter, dict)
        return {**letter, "name": [CODE], "code": [CODE]}

    monkeypatch.setattr(letters, "_letter", broken)
    with pytest.raises(NotSetError) as caught:
        make(HEAD, [voter()], "vi")
    trace = "".join(traceback.format_exception(caught.value))

    assert "could not be set" in trace
    assert CODE not in trace
    assert CODE[:9] not in repr(voter())

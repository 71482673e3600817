"""What the papers say, sentence by sentence: as offices of the State and of the Party write."""

import io
import re
from dataclasses import replace
from datetime import date
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest

from admin.documents import compose, parts, sheets
from admin.documents.elements import Closing, Masthead, Signatures
from admin.documents.facts import Founding, MeetingFacts, Participant
from admin.documents.minutes import Minutes
from admin.record.session_file import Excluded
from admin.rules import regime
from admin.rules.channel import ChannelCount, Marks, Pile
from tests.admin.documents import samples
from tests.admin.documents.reading import text_of

NOT_READ = re.compile(r"chưa đối chiếu|mặc định của phần mềm|35/2012|85/2014")


def council(**facts: Any) -> Minutes:
    """A People's Council with everything entered, and with how people are addressed."""
    count = samples.state(3)
    committee = tuple(
        replace(person, honorific=honorific)
        for person, honorific in zip(count.facts.committee, ("Ông", "Bà", "Ông"), strict=True)
    )
    entered = replace(
        count.facts,
        committee=committee,
        chair=Participant("Nguyễn Thị Lệ", "Chủ tịch Hội đồng nhân dân", "Bà"),
        excused=(Participant("Đỗ Thị Ẩn", "ốm", "Bà"),),
        founding=Founding("15/NQ-HĐND", date(2023, 12, 6)),
        addressees=("Thường trực Hội đồng nhân dân Thành phố",),
        **facts,
    )
    named = replace(
        count.session_file,
        convocation="X",
        term="2021 - 2026",
        sitting="13",
        honorifics=("Bà", "Ông", "Ông"),
        excluded=(Excluded("Trần Thế Thuận", "Giám đốc Sở Văn hóa", "Được bầu năm nay", "Ông"),),
    )
    return replace(count, facts=entered, session_file=named)


def on_paper(count: Minutes, **paper: int) -> Minutes:
    """The same with paper ballots only, ten of them, one invalid."""
    blocks = len(count.piles)
    marks = tuple(Marks((6, 2, 1), 0) for _ in count.officials)
    column = ChannelCount(10, (Pile(10, 1),) * blocks, marks, **paper)
    return replace(count, electronic=None, paper=column, late=0, seal=None)


@pytest.mark.parametrize(
    "sentence",
    [
        "Thực hiện Nghị quyết số 96/2023/QH15 ngày 23/6/2023 của Quốc hội; hồi 09 giờ 05 phút",
        "Ban kiểm phiếu do Hội đồng nhân dân Thành phố Hồ Chí Minh thành lập tại Kỳ họp thứ 13",
        "(Nghị quyết số 15/NQ-HĐND ngày 06 tháng 12 năm 2023) đã tiến hành kiểm phiếu",
        "kiểm phiếu lấy phiếu tín nhiệm đối với 03 người giữ chức vụ do Hội đồng nhân dân bầu.",
        "Kỳ họp thứ 13, khóa X, nhiệm kỳ 2021 - 2026",
        "3. Chủ tọa kỳ họp: bà Nguyễn Thị Lệ, Chủ tịch Hội đồng nhân dân.",
        "- Bà Trần Thị Bình, Thư ký;",
        "II. ĐẠI BIỂU THAM DỰ",
        "- Tổng số đại biểu Hội đồng nhân dân Thành phố Hồ Chí Minh: 95 đại biểu.",
        "- Số đại biểu vắng mặt: 13, trong đó vắng có lý do: 01.",
        "- Vắng mặt có lý do: bà Đỗ Thị Ẩn (ốm).",
        "III. TÌNH HÌNH PHÁT PHIẾU, THU PHIẾU",
        "- Số phiếu phát ra: 82 phiếu.",
        "Không ghi hoặc không hợp lệ",
        "- Ông Trần Thế Thuận, Giám đốc Sở Văn hóa: được bầu năm nay.",
        "Bà Nguyễn Thị Lệ\nChủ tịch HĐND",
        "(Ký, ghi rõ họ tên)",
        "- Lưu: VT.",
    ],
)
def test_the_minutes_of_a_council_say(sentence: str):
    assert sentence in text_of(compose.minutes(council()))


def test_minutes_say_in_their_text_when_and_where_and_hold_no_finding():
    """Nghị định 30, form 1.9; what others make of the result is in the report."""
    count = council()
    (top,) = (element for element in compose.minutes(count) if isinstance(element, Masthead))
    assert count.electronic is not None
    marks = (Marks((1, 0, 80), 0), *count.electronic.officials[1:])
    low = replace(count, electronic=replace(count.electronic, officials=marks))

    assert top.date == ""
    assert "miễn nhiệm" not in text_of(compose.minutes(low))
    text = text_of(compose.report(low))
    assert "IV. TRƯỜNG HỢP CẦN XEM XÉT THEO QUY ĐỊNH" in text
    assert "- Bà Nguyễn Thị Lệ (số thứ tự 1): có từ hai phần ba" in text
    assert "trình Hội đồng nhân dân" in text
    assert "Quốc hội, Hội đồng" not in text


def test_a_report_of_the_state_is_addressed_and_ends_with_its_mark():
    elements = compose.report(council())
    text = text_of(elements)

    assert "BÁO CÁO\nKết quả kiểm phiếu lấy phiếu tín nhiệm đối với người giữ chức vụ" in text
    assert "Kính gửi: Thường trực Hội đồng nhân dân Thành phố." in text
    assert "gồm 03 đại biểu, do ông Nguyễn Văn An làm Trưởng ban, đã kiểm phiếu của 82" in text
    assert "xem xét./." in text
    before, last = elements[-2:]
    assert isinstance(last, Closing)
    assert getattr(before, "sticky", False)


def test_the_announcement_is_read_aloud_person_by_person():
    """No masthead, no table, no signature."""
    elements = compose.announcement(council())
    text = text_of(elements)

    assert text.startswith("LỜI CÔNG BỐ KẾT QUẢ KIỂM PHIẾU")
    assert "Kính thưa Chủ tọa kỳ họp, kính thưa các vị đại biểu!" in text
    line = "1. Bà Nguyễn Thị Lệ, Chủ tịch HĐND: tín nhiệm cao 73 phiếu, chiếm 90,12%;"
    assert line in text
    assert {type(element).__name__ for element in elements} == {"Title", "Paragraph"}


def test_the_press_learns_what_was_issued_collected_and_valid():
    text = text_of(compose.press(on_paper(council(), exchanged=1, unused=2)))

    assert "tại Kỳ họp thứ 13, Hội đồng nhân dân Thành phố Hồ Chí Minh đã lấy phiếu" in text
    for inside in ("hỏng", "trả lại", "không hợp lệ", "niêm phong"):
        assert inside not in text


def test_papers_of_the_party_call_everybody_comrade():
    facts = replace(samples.PARTY_FACTS, excused=(Participant("Đặng Văn Lan", "đi công tác"),))
    count = samples.party(facts=facts)
    text = text_of(compose.minutes(count))

    for part in (
        "- Đồng chí Nguyễn Văn Hiếu, Trưởng ban;",
        "3. Chủ trì hội nghị: đồng chí Lê Quang Mạnh, Bí thư.",
        "II. THÀNH PHẦN THAM DỰ",
        "- Tổng số Ủy viên Ban Chấp hành: 95 đồng chí.",
        "- Vắng mặt: 01 đồng chí (có lý do: đồng chí Đặng Văn Lan, đi công tác).",
        "- Đồng chí Trần Thế Thuận, Giám đốc Sở Văn hóa:",
        "CHỦ TRÌ HỘI NGHỊ",
    ):
        assert part in text
    report = text_of(compose.report(count))
    assert "BÁO CÁO KẾT QUẢ PHIẾU TÍN NHIỆM\nTại hội nghị lấy phiếu tín nhiệm\n" in report
    assert "./." not in report


def test_a_conference_of_the_state_is_no_session():
    count = council()
    body = replace(count.session_file, body="Ủy ban nhân dân tỉnh Bình Sơn", sitting="")
    text = text_of(compose.minutes(replace(count, session_file=body)))

    assert "Chủ tọa hội nghị" in text
    assert "kỳ họp" not in text.casefold()


def test_printed_issued_spoiled_and_left_stand_there_once():
    """Whatever the number of khối; who has not said how many were printed gets a line to fill."""
    two = on_paper(samples.party(), exchanged=1, unused=2)
    text = text_of(compose.minutes(replace(two, facts=replace(two.facts, printed=12))))
    blank = text_of(compose.minutes(on_paper(council())))

    line = "in 24 phiếu, phát ra 20 phiếu, hỏng đã đổi 01 phiếu, còn lại 03 phiếu đã niêm phong."
    assert text.count(line) == 1
    assert text.count("trả lại khi chưa ghi: 02.") == 1
    assert "in ……… phiếu, phát ra 10 phiếu, còn lại ……… phiếu đã niêm phong" in blank


def test_a_name_keeps_its_letters_where_people_sign():
    """“Nông” ends as an address does, and is a family name."""
    count = council()
    chair = Participant("Nông Thị Bà Mai", "Chủ tịch Hội đồng nhân dân", "Bà")
    assert "\nNông Thị Bà Mai\n" in text_of(
        compose.minutes(replace(count, facts=replace(count.facts, chair=chair)))
    )


def test_members_of_a_large_committee_sign_under_one_heading():
    committee = tuple(Participant(f"Nguyễn Văn {c}", "Thành viên") for c in "CDEF")
    count = council()
    facts = replace(count.facts, committee=(*count.facts.committee[:2], *committee))
    (signed,) = (
        element
        for element in compose.minutes(replace(count, facts=facts))
        if isinstance(element, Signatures)
    )
    lines = [place.lines for row in signed.rows for place in row if place is not None]

    assert lines.count(("CÁC THÀNH VIÊN",)) == 1
    assert ("THÀNH VIÊN",) not in lines


@pytest.mark.parametrize("name", regime.builtin_ids())
@pytest.mark.parametrize("kind", list(compose.COMPOSERS))
def test_no_paper_cites_what_was_not_read(name: str, kind: str):
    """Whoever prints is told so; who signs, and who reads, is not."""
    rules, two = regime.load(name), len(regime.load(name).level_keys) == 2
    lowest = Marks((1, 80) if two else (1, 0, 80), 0)
    count = samples.state(2, name, facts=MeetingFacts())
    assert count.electronic is not None
    column = replace(count.electronic, officials=(lowest, lowest))
    text = text_of(compose.COMPOSERS[kind](replace(count, electronic=column, regime=rules)))

    own = rules.instrument
    assert not NOT_READ.search(text.replace(own, "").replace(own.split(" số ")[-1], ""))
    assert not two or "xem hệ quả" not in text


def test_the_workbook_has_numbers_and_days():
    """They can be sorted and summed up."""
    book = openpyxl.load_workbook(io.BytesIO(sheets.xlsx(on_paper(council(), exchanged=1))))
    first = list(book["Kết quả"].values)[1]
    ballots = {row[0]: row[1] for row in book["Phiếu"].values}

    assert first[3:9] == (6, 60, 2, 20, 1, 10)
    assert all(isinstance(number, int | float) for number in first[3:9])
    assert ballots["Ngày"].date() == date(2023, 12, 7)
    assert (ballots["Số phiếu giấy hỏng, đã đổi"], ballots["Số phiếu giấy đã in"]) == (1, None)


@pytest.mark.parametrize(
    ("members", "witnesses", "rows", "chair_in_rows"),
    [
        (0, 0, [["S", "H"]], False),
        (1, 0, [["S", "H"], ["M", "C"]], True),
        (1, 1, [["S", "H"], ["M", "W"]], False),
        (3, 1, [["S", "H"], [""], ["M", "M", "M"], ["W", "C"]], True),
        (4, 0, [["S", "H"], [""], ["M", "M", "M"], ["M"]], False),
    ],
)
def test_the_chair_signs_where_a_place_is_free(
    members: int, witnesses: int, rows: list[list[str]], *, chair_in_rows: bool
):
    """Three members in a row; the chair beside whoever is alone, else beside the recipients."""
    people = ("H Trưởng ban", "S Thư ký", *["M Thành viên"] * members)
    count = council()
    facts = replace(
        count.facts,
        committee=tuple(Participant(*person.split(" ", 1)) for person in people),
        witnesses=(Participant("W"),) * witnesses,
        chair=Participant("C"),
    )
    *_, signed, ending = compose.minutes(replace(count, facts=facts))

    assert isinstance(signed, Signatures)
    assert isinstance(ending, Closing)
    assert [[place.name for place in row if place] for row in signed.rows] == rows
    assert ending.signature.name == ("" if chair_in_rows else "C")


@pytest.mark.parametrize(
    ("heading", "whom"),
    [
        ("Phó Chủ tịch, Ủy viên Ủy ban nhân dân", "Phó Chủ tịch, Ủy viên Ủy ban nhân dân"),
        ("Tổng Kiểm toán nhà nước", "Tổng Kiểm toán nhà nước"),
        ("Ủy ban nhân dân", "khối Ủy ban nhân dân"),
        ("Khối Đảng", "khối Đảng"),
    ],
)
def test_a_ballot_is_about_an_office_or_about_a_block(heading: str, whom: str):
    assert parts.whom(heading) == whom

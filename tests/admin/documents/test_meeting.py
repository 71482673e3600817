"""The papers around the vote say what is known, leave lines for the rest, refuse what they lack."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from admin.documents import compose
from admin.documents.around import (
    box_papers,
    follow_up,
    forms,
    notices,
    resolution,
    round_plan,
    script,
    submissions,
)
from admin.documents.around import meeting as meetings
from admin.documents.around.box_papers import NoPaperBallots
from admin.documents.around.follow_up import NoCase
from admin.documents.around.forms import NoOpinions
from admin.documents.around.meeting import Meeting
from admin.documents.around.resolution import NoResolution
from admin.documents.elements import Element, GroupRow, Heading, Paragraph, Table
from admin.documents.facts import MeetingFacts, Participant
from admin.documents.layout import Style
from admin.documents.minutes import Minutes
from admin.record.session_file import Block
from admin.rules import dossiers
from admin.rules.channel import Pile
from admin.rules.regime import Regime, load
from crypto.errors import Incomplete
from tests.admin.documents import samples
from tests.admin.documents.reading import text_of

STATE = samples.entered(samples.state(18))
PARTY = samples.entered(samples.party(18))
COUNCIL = samples.before(STATE)
COMMITTEE = samples.before(PARTY)
BEFORE: dict[str, Callable[[Meeting], Sequence[Element]]] = {
    "officials": submissions.officials,
    "committee": submissions.committee,
    "script": script.script,
    "guidance": notices.guidance,
    "information": notices.information,
    "receipts": box_papers.receipts,
    "box": box_papers.box,
    "labels": box_papers.labels,
    "tally-sheet": box_papers.tally_sheet,
}


def test_the_list_of_officials_is_submitted_with_those_who_are_not_rated():
    text = text_of(submissions.officials(COUNCIL))

    for part in (
        "TỜ TRÌNH",
        "Kính gửi: Hội đồng nhân dân Thành phố Hồ Chí Minh.",
        "Căn cứ Nghị quyết số 96/2023/QH15 ngày 23/6/2023 của Quốc hội.",
        "danh sách 18 người để lấy phiếu tín nhiệm",
        "tại Kỳ họp thứ 13",
        "Trần Thế Thuận, Giám đốc Sở Văn hóa",
        "TM. THƯỜNG TRỰC HỘI ĐỒNG NHÂN DÂN\nCHỦ TỊCH",
    ):
        assert part in text
    own = replace(COUNCIL.facts, basis=("Luật Tổ chức chính quyền địa phương",))
    assert "Căn cứ Luật Tổ chức chính quyền địa phương." in text_of(
        submissions.officials(replace(COUNCIL, facts=own))
    )


def test_the_committee_is_submitted_with_the_positions_of_the_roster():
    text = text_of(submissions.committee(COUNCIL))

    assert "Ban kiểm phiếu gồm 03 thành viên" in text
    assert "Nguyễn Văn An\nTrưởng Ban Pháp chế, Tổ đại biểu số 2\nTrưởng ban" in text
    with pytest.raises(Incomplete, match="counting committee"):
        submissions.committee(replace(COUNCIL, facts=MeetingFacts()))


def test_a_party_body_submits_in_the_partys_form():
    text = text_of(submissions.officials(COMMITTEE))

    assert "ĐẢNG CỘNG SẢN VIỆT NAM" in text
    assert "Hội nghị lần thứ 13" in text
    assert "T/M BAN THƯỜNG VỤ" in text
    assert "1. Thường trực Hội đồng nhân dân" in text  # a khối


def test_the_script_says_the_rules_of_this_vote_and_both_announcements():
    text = text_of(script.script(COUNCIL))

    assert "chỉ chọn một trong 3 mức: “Tín nhiệm cao”, “Tín nhiệm”, “Tín nhiệm thấp”" in text
    assert "Số phiếu phát ra: ……… phiếu; số phiếu thu về: ……… phiếu." in text
    assert text.index("Ban kiểm phiếu xin bắt đầu kiểm phiếu") < text.index("công bố kết quả")
    assert "- Trần Thị Bình, Thư ký;\nbody\n- Lê Hữu Phước, Thành viên." in text
    counted = text_of(script.script(COUNCIL, STATE))
    assert "Số phiếu phát ra: 82 phiếu; số phiếu thu về: 81 phiếu." in counted
    assert "tín nhiệm cao 73 phiếu, chiếm 90,12%" in counted
    assert "Nghị quyết" in counted
    assert "Nghị quyết xác nhận" not in text_of(script.script(COMMITTEE, PARTY))


def test_the_announcement_before_the_count_tells_no_level():
    before, _, after = text_of(script.script(COUNCIL, STATE)).partition("bắt đầu kiểm phiếu")

    assert "chiếm" not in before
    assert "chiếm" in after


@pytest.mark.parametrize(
    ("channels", "there", "absent"),
    [
        (("paper",), ("hòm phiếu để", "phiếu khác"), ("điện tử",)),
        (("miniapp",), ("hòm phiếu điện tử",), ("mở hòm phiếu để", "gạch xóa")),
        (("miniapp", "paper"), ("hòm phiếu điện tử", "chỉ bỏ phiếu bằng một cách"), ()),
    ],
)
def test_the_rules_are_those_of_the_ways_of_voting(
    channels: tuple[str, ...], there: tuple[str, ...], absent: tuple[str, ...]
):
    text = text_of(script.script(samples.before(STATE, channels=channels)))

    assert all(part in text for part in there)
    assert not any(part in text for part in absent)


def test_the_rules_say_what_becomes_of_a_line_without_a_mark():
    """As the regulation has it: the line, the ballot with one name, the whole ballot."""
    whole = replace(COUNCIL, policy=replace(COUNCIL.policy, invalid="ballot"))
    single = replace(
        COUNCIL,
        session_file=replace(
            COUNCIL.session_file, blocks=(Block("Chủ tịch", 1), Block("Ủy viên", 17))
        ),
    )

    assert "chỉ phần đối với người ấy" in text_of(script.script(COUNCIL))
    assert "Phiếu chỉ có một người" not in text_of(script.script(COUNCIL))
    assert "Phiếu chỉ có một người" in text_of(script.script(single))
    assert "thì cả phiếu không hợp lệ" in text_of(script.script(whole))
    assert "không ghi, hoặc đánh dấu từ hai mức trở lên, thì" in text_of(script.script(COUNCIL))
    phones = samples.before(STATE, channels=("browser",))
    assert "ở người nào không ghi, thì chỉ phần" in text_of(script.script(phones))


def test_labels_of_the_bodys_own_rules_are_on_its_papers():
    levels = tuple(
        level.model_copy(update={"label": level.label.model_copy(update={"vi": label})})
        for level, label in zip(COUNCIL.regime.levels, ("Rất tốt", "Tốt", "Chưa tốt"), strict=True)
    )
    own = COUNCIL.regime.model_copy(update={"levels": levels})

    assert "“Rất tốt”" in text_of(script.script(replace(COUNCIL, regime=own)))
    assert "Chưa tốt" in text_of(box_papers.tally_sheet(replace(COUNCIL, regime=own)))
    assert "- Số phiếu rất tốt: 73 phiếu" in text_of(
        resolution.resolution(replace(STATE, regime=own))
    )


def test_ballots_are_signed_for_by_unit_under_the_numbers_of_the_roster():
    (table,) = [e for e in box_papers.receipts(COUNCIL) if isinstance(e, Table)]
    units = [row.text for row in table.rows if isinstance(row, GroupRow)]
    rows = [row for row in table.rows if not isinstance(row, GroupRow)]

    assert units == [
        f"Tổ đại biểu số {i} ({n} người)" for i, n in ((1, "08"), (2, "09"), (3, "07"))
    ]
    assert sorted(int(row[0]) for row in rows) == list(range(1, 25))
    assert [row[0] for row in rows[:3]] == ["1", "4", "7"]
    assert {row[3] for row in rows} == {"01"}
    (party,) = [e for e in box_papers.receipts(COMMITTEE) if isinstance(e, Table)]
    assert {row[3] for row in party.rows if not isinstance(row, GroupRow)} == {"02"}


def test_without_units_the_receipts_are_one_list():
    bare = replace(COUNCIL, raters=tuple(replace(rater, unit="") for rater in COUNCIL.raters))
    (table,) = [e for e in box_papers.receipts(bare) if isinstance(e, Table)]

    assert not any(isinstance(row, GroupRow) for row in table.rows)


@pytest.mark.parametrize(("people", "lines"), [(24, 1), (100, 1), (101, 2), (450, 5)])
def test_the_tally_sheet_has_a_stroke_for_each_ballot(people: int, lines: int):
    sheet = box_papers.tally_sheet(samples.before(STATE, people))
    tables = [element for element in sheet if isinstance(element, Table)]

    assert len(tables) == 18
    assert all(len(table.rows) == 4 * lines for table in tables)
    assert [head.text for head in tables[0].heads[1]][1:11] == [str(n) for n in range(10, 101, 10)]


def test_the_tally_sheet_numbers_officials_through_the_blocks():
    heads = [e.heads[0][0].text for e in box_papers.tally_sheet(COMMITTEE) if isinstance(e, Table)]

    assert [head.split(".")[0] for head in heads] == [str(n) for n in range(1, 19)]


def test_every_parcel_has_a_label():
    whats = [e.heads[0][0].text for e in box_papers.labels(COMMITTEE) if isinstance(e, Table)]

    assert whats == [
        "NIÊM PHONG HÒM PHIẾU",
        "NIÊM PHONG PHIẾU ĐÃ KIỂM: 1. Thường trực Hội đồng nhân dân",
        "NIÊM PHONG PHIẾU ĐÃ KIỂM: 2. Ủy ban nhân dân",
        "NIÊM PHONG PHIẾU HỎNG, PHIẾU CHƯA SỬ DỤNG",
    ]


def test_what_was_printed_is_written_where_it_is_known():
    facts = replace(COUNCIL.facts, printed=100)
    (table,) = [e for e in box_papers.box(replace(COUNCIL, facts=facts)) if isinstance(e, Table)]
    (bare,) = [e for e in box_papers.box(COUNCIL) if isinstance(e, Table)]

    assert (table.rows[0], bare.rows[0]) == (
        ("Phiếu tín nhiệm", "100", "", ""),
        ("Phiếu tín nhiệm", "", "", ""),
    )
    count = samples.entered(samples.state(2, electronic=None, paper=samples.paper(2), facts=facts))
    assert "còn lại 87 phiếu" in text_of(box_papers.handover(count))  # 12 issued, 1 exchanged


def test_the_parcel_holds_what_was_counted():
    count = replace(PARTY, paper=samples.paper(18, (Pile(12, 1), Pile(11, 0))))
    (table,) = [e for e in box_papers.handover(count) if isinstance(e, Table)]

    assert table.rows == (
        ("1. Thường trực Hội đồng nhân dân", "12", "12", "11", "1"),
        ("2. Ủy ban nhân dân", "12", "11", "11", "0"),
    )


@pytest.mark.parametrize("kind", ["receipts", "box", "labels", "tally-sheet"])
def test_where_nobody_votes_on_paper_its_papers_are_refused(kind: str):
    with pytest.raises(NoPaperBallots):
        BEFORE[kind](samples.before(STATE, channels=("miniapp",)))
    with pytest.raises(NoPaperBallots, match="handover"):
        box_papers.handover(STATE)


def test_the_resolution_confirms_the_result():
    text = text_of(resolution.resolution(STATE))

    for part in (
        "NGHỊ QUYẾT",
        "KHÓA X, KỲ HỌP THỨ 13",
        "Căn cứ Biên bản kiểm phiếu số 15/BB-BKP ngày 07 tháng 12 năm 2023 của Ban kiểm phiếu.",
        "QUYẾT NGHỊ:",
        "Điều 1.",
        "đã tiến hành lấy phiếu tín nhiệm đối với 18 người giữ chức vụ",
        "1. Bà Nguyễn Thị Lệ, Chủ tịch HĐND:",
        "- Số phiếu tín nhiệm cao: 73 phiếu (chiếm 90,12% tổng số phiếu thu về).",
        "Điều 3.",
    ):
        assert part in text


@pytest.mark.parametrize("body", ["Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh", "Ban Chấp hành Hội"])
def test_other_bodies_pass_no_resolution(body: str):
    """Neither does a Party body, whatever it is called."""
    other = replace(STATE, session_file=replace(STATE.session_file, body=body))
    with pytest.raises(NoResolution, match=body):
        resolution.resolution(other)
    with pytest.raises(NoResolution, match="Ban Chấp hành"):
        resolution.resolution(PARTY)


def test_an_official_is_told_the_own_result_and_nobody_elses():
    text = text_of(resolution.notice(STATE, 5))

    assert "Kính gửi: Ông Phan Văn Mãi, Chủ tịch UBND TP." in text
    assert "- Số phiếu tín nhiệm cao: 69 phiếu (chiếm 85,19% tổng số phiếu thu về)." in text
    assert "- Số phiếu thu về: 81" in text
    blank = "- Số phiếu không ghi hoặc ghi không hợp lệ: "
    assert blank not in text
    assert f"{blank}01 phiếu." in text_of(resolution.notice(PARTY, 0))
    assert not any(o.name in text for i, o in enumerate(STATE.officials) if i not in (0, 5))


def test_the_voters_opinions_have_a_form_for_the_front():
    text = text_of(forms.opinions(COUNCIL, 5))

    assert "Kính gửi: Thường trực Hội đồng nhân dân." in text
    assert "đối với ông Phan Văn Mãi, Chủ tịch UBND TP như sau" in text
    assert "TM. BAN THƯỜNG TRỰC" in text
    assert "VIỆT NAM THÀNH PHỐ HỒ CHÍ MINH\n" in text
    to = replace(COUNCIL.facts, addressees=("Thường trực HĐND Thành phố",))
    assert "Kính gửi: Thường trực HĐND Thành phố." in text_of(
        forms.opinions(replace(COUNCIL, facts=to), 5)
    )
    with pytest.raises(NoOpinions, match="Ban Chấp hành"):
        forms.opinions(COMMITTEE, 0)


def test_a_self_report_has_its_hints_beside_the_text():
    """In the PDF there is none; whether a rule was read stands nowhere."""
    sections = dossiers.of_regime("nq96-2023").outline
    form = forms.self_report(COUNCIL, 5, sections)
    headings = [element for element in form if isinstance(element, Heading)]

    assert [heading.hint for heading in headings] == [
        section.hint.vi if section.hint else "" for section in sections
    ]
    assert "Phan Văn Mãi" in text_of(form)
    assert not any(section.rule in text_of(form) for section in sections)
    *_, before, _signature = form
    assert isinstance(before, Paragraph)
    assert before.sticky  # no signature stands alone on a page


def test_the_plan_of_a_round_has_every_body_and_the_days_in_order():
    text = text_of(round_plan.plan(samples.A_ROUND))

    assert "KẾ HOẠCH" in text
    assert "xây dựng kế hoạch tổ chức lấy phiếu tín nhiệm năm 2028 tại 02 cơ quan" in text
    assert "- Người được lấy phiếu: Ủy viên Ban Thường vụ Thành ủy." in text
    assert "- Chủ trì: ………………………." in text
    (table,) = [e for e in round_plan.plan(samples.A_ROUND) if isinstance(e, Table)]
    assert table.rows == (
        ("1", "Hội đồng nhân dân thành phố", "05/12/2028", "14/12/2028"),
        ("2", "Ban Chấp hành Đảng bộ thành phố", "12/12/2028", "21/12/2028"),
    )


def test_raters_are_told_the_aims_and_the_rules_of_this_vote():
    text = text_of(notices.guidance(COUNCIL))
    own = replace(COUNCIL.session_file, guidance=("Ghi phiếu công tâm.",))

    assert "HƯỚNG DẪN GHI PHIẾU" in text
    assert "chỉ chọn một trong 3 mức" in text
    assert "tự ghi phiếu" in text
    assert "Ghi phiếu công tâm." in text_of(notices.guidance(replace(COUNCIL, session_file=own)))
    assert "ĐẢNG CỘNG SẢN VIỆT NAM" in text_of(notices.guidance(COMMITTEE))
    assert "xin đọc" not in text


def test_the_public_is_told_who_is_rated_and_of_nobody_why_not():
    text = text_of(notices.information(COUNCIL))
    inside = replace(COUNCIL.policy, publication="members")

    assert "Phan Văn Mãi, Chủ tịch UBND TP." in text
    assert "Trần Thế Thuận" not in text
    assert "Kết quả được công bố" in text
    assert "công bố" not in text_of(notices.information(replace(COUNCIL, policy=inside)))


def low(count: Minutes, rule: Callable[[Regime], Regime] = lambda rules: rules) -> Minutes:
    """The same where the third official has 50 low of 81."""
    electronic = count.electronic
    assert electronic is not None
    officials = list(electronic.officials)
    officials[2] = replace(officials[2], levels=(11, 20, 50))
    file = replace(count.session_file, managed=("Thành ủy",) * len(count.officials))
    return replace(
        count,
        electronic=replace(electronic, officials=tuple(officials)),
        session_file=file,
        regime=rule(count.regime),
    )


def unread(rules: Regime) -> Regime:
    findings = [finding.model_copy(update={"verified": False}) for finding in rules.findings]
    return rules.model_copy(update={"findings": tuple(findings)})


def test_a_case_goes_to_the_managing_authority_with_the_rule_that_was_read():
    """A rule that was not read stands on no paper; the numbers do."""
    count = low(STATE)
    text, bare = (text_of(follow_up.case(low(STATE, rule), 2)) for rule in (lambda r: r, unread))

    assert follow_up.cases(count) == [2]
    assert "Kính gửi: Thành ủy." in text
    assert "- Số phiếu tín nhiệm thấp: 50 phiếu (chiếm 61,73%" in text
    assert "Theo quy định: có quá nửa" in text
    assert "- Số phiếu tín nhiệm thấp: 50 phiếu" in bare
    assert "Theo quy định" not in bare
    with pytest.raises(NoCase):
        follow_up.cases(STATE)


def test_incidents_are_reported_as_they_were_noted():
    text = text_of(follow_up.incidents(COUNCIL, ["9 giờ 15 phút mất điện hai phút"]))

    assert "- 9 giờ 15 phút mất điện hai phút." in text
    with pytest.raises(Incomplete, match="nothing was noted"):
        follow_up.incidents(COUNCIL, [])


def test_numbers_stand_before_people_only():
    """… đối với 18 người giữ chức vụ; a body of people is not multiplied."""
    front = replace(STATE.session_file, title="Lấy phiếu tín nhiệm đối với Ban Thường vụ Hội")
    party = replace(STATE.session_file, title="Lấy phiếu tín nhiệm đối với các đồng chí Ủy viên")

    texts = [
        meetings.counted_about(replace(STATE, session_file=file))
        for file in (STATE.session_file, front, party)
    ]
    assert texts[0].endswith("đối với 18 người giữ chức vụ do Hội đồng nhân dân bầu")
    assert texts[1].endswith("Ban Thường vụ Hội (18 người)")
    assert texts[2].endswith("đối với 18 đồng chí Ủy viên")


def test_no_paper_around_the_vote_speaks_of_law_that_was_not_read():
    papers = [make(meeting) for make in BEFORE.values() for meeting in (COUNCIL, COMMITTEE)]
    papers += [
        resolution.resolution(STATE),
        resolution.notice(PARTY, 0),
        box_papers.handover(PARTY),
    ]
    for elements in papers:
        assert not re.search(r"chưa (đối chiếu|kiểm chứng)|mặc định", text_of(elements))


def test_a_chair_without_an_office_leaves_a_line_for_it():
    chair = replace(COUNCIL.facts, chair=Participant("Nguyễn Thị Lệ"))

    assert "NHÂN DÂN\n………" in text_of(submissions.officials(replace(COUNCIL, facts=chair)))


@pytest.mark.parametrize(
    ("channels", "ballots"),
    [
        (("paper",), "Mỗi người nhận 02 phiếu, tự ghi"),
        (("browser",), "Mỗi người nhận một phiếu điện tử"),
        (("browser", "paper"), "Mỗi người nhận 02 phiếu giấy hoặc một phiếu điện tử"),
    ],
)
def test_people_are_told_how_many_ballots_they_get(channels: tuple[str, ...], ballots: str):
    """A sheet of paper for each khối, but one electronic ballot for all of them."""
    asked = replace(COMMITTEE, policy=replace(COMMITTEE.policy, channels=channels))
    assert ballots in text_of(notices.guidance(asked))


def test_a_line_of_strokes_says_whose_level_it_is():
    """A page may end inside an official's table; the last words stand over the signatures."""
    (*_, table), text = (
        [e for e in box_papers.tally_sheet(samples.before(STATE, 240)) if isinstance(e, Table)],
        text_of(box_papers.tally_sheet(COUNCIL)),
    )
    labels = [row[0] for row in table.rows if not isinstance(row, GroupRow)]
    assert labels[1:3] == ["Tín nhiệm cao (101 - 200)", "Tín nhiệm cao (201 - 300)"]
    assert text.index("Hai bảng đã được so") < text.index("NGƯỜI ĐỌC PHIẾU")


def test_a_conference_is_called_by_whom_papers_toml_names():
    """It is no body that issues papers, and nothing happens at it twice."""
    called = replace(STATE.facts, parent="Ủy ban nhân dân tỉnh Bình Sơn")
    file = replace(STATE.session_file, body="Hội nghị Giám đốc sở tỉnh Bình Sơn", convocation="")
    count = replace(STATE, facts=called, session_file=replace(file, term="", sitting=""))
    text, said = text_of(resolution.notice(count, 0)), text_of(script.script(samples.before(count)))

    assert text.startswith("ỦY BAN NHÂN DÂN TỈNH BÌNH SƠN\n")
    assert "năm 2023, Hội nghị Giám đốc sở tỉnh Bình Sơn đã lấy phiếu" in text
    assert "Chủ tọa hội nghị thông báo" in text
    assert "Theo đề nghị" not in said


def test_the_national_assemblys_resolution_is_signed_by_its_chair():
    chair = replace(STATE.facts, chair=Participant("Trần Quang Hải", "Chủ tịch Quốc hội"))
    file = replace(STATE.session_file, body="Quốc hội")
    text = text_of(resolution.resolution(replace(STATE, facts=chair, session_file=file)))

    assert "CHỦ TỊCH QUỐC HỘI\nTrần Quang Hải" in text
    assert "\nCHỦ TỊCH\n" in text_of(resolution.resolution(STATE))


def test_a_ground_that_is_only_a_number_is_cited_in_full():
    """With its day and who issued it; where nobody has entered any, a line is left."""
    text = text_of(round_plan.plan(samples.A_ROUND))
    none = replace(samples.A_ROUND, facts=replace(samples.A_ROUND.facts, basis=()))

    assert "Căn cứ Quy định số 96-QĐ/TW ngày 02/02/2023 của Bộ Chính trị;" in text
    assert "Căn cứ ………………" in text_of(round_plan.plan(none))


def of_body(body: str, style: Style = "state", parent: str | None = None) -> Minutes:
    """The count of the Party's session, by a body of this name, with papers of this style."""
    named = replace(PARTY.session_file, body=body)
    facts = replace(PARTY.facts, style=style, parent=parent, issuer=None)
    return replace(PARTY, session_file=named, facts=facts)


def test_a_conference_is_no_office_and_is_not_held_at_itself():
    """The organisation that called it issues its papers; the chair is a chủ tọa."""
    office = "Ủy ban nhân dân tỉnh Bình Sơn"
    count = of_body(f"Hội nghị Giám đốc sở, đơn vị trực thuộc {office}")
    meeting = samples.before(count)
    texts = [text_of(make(meeting)) for make in BEFORE.values()]
    texts += [text_of(resolution.notice(count, 0)), text_of(follow_up.case(low(count), 2))]

    for text in texts:
        assert "HỘI NGHỊ GIÁM ĐỐC" not in text
        assert "hủ trì" not in text
        assert "tại hội nghị, Hội nghị" not in text
    assert texts[0].startswith(f"{office.upper()}\n")
    assert "lưu trong hồ sơ hội nghị./." in texts[-2]
    called = of_body("Hội nghị cán bộ chủ chốt", parent="Ủy ban nhân dân phường 1")
    notice = text_of(resolution.notice(called, 0))
    assert notice.startswith("ỦY BAN NHÂN DÂN PHƯỜNG 1\n")


@pytest.mark.parametrize(
    ("body", "organ"),
    [
        ("Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh Bình Sơn", "Ban Thường trực"),
        ("Ban Chấp hành Hội Luật gia tỉnh Bình Sơn", "Ban Thường vụ"),
        ("Ban Chấp hành Chi bộ Trường Trung học", "Chủ tọa hội nghị"),
    ],
)
def test_the_standing_organ_submits_where_there_is_one(body: str, organ: str):
    text = text_of(submissions.officials(samples.before(of_body(body))))

    assert f"{organ} kính trình {body}" in text
    assert (f"TM. {organ.upper()}\n" in text) == organ.startswith("Ban")


def test_the_organisation_above_stands_over_the_body_and_the_body_over_its_committee():
    body = of_body("Ban Chấp hành Đảng bộ xã Tân Hòa", style="party", parent="Đảng bộ tỉnh")

    assert text_of(resolution.notice(body, 0)).startswith("ĐẢNG BỘ TỈNH\nĐẢNG ỦY XÃ TÂN HÒA\n")
    for elements in (compose.minutes(body), box_papers.box(samples.before(body))):
        assert text_of(elements).startswith("ĐẢNG ỦY XÃ TÂN HÒA\nBAN KIỂM PHIẾU\n")


@pytest.mark.parametrize(
    ("body", "authority", "who"),
    [
        ("tỉnh Bình Sơn", "Ban Thường vụ Tỉnh ủy", "Ban Tổ chức Tỉnh ủy"),
        ("Sở Tài chính", "Ban Thường vụ Đảng ủy", "………………………"),
        ("Sở Tài chính", "Ban Thường vụ Đảng ủy Ủy ban nhân dân tỉnh", "Ban Thường vụ"),
        ("xã Tân Hòa", "Ban Thường vụ Tỉnh ủy", "Ban Thường vụ"),
    ],
)
def test_nobody_submits_a_case_to_themselves(body: str, authority: str, who: str):
    """Where the standing organ is who decides, its department submits."""
    count = low(of_body(f"Ban Chấp hành Đảng bộ {body}", style="party"))
    managed = (authority,) * len(count.officials)
    count = replace(count, session_file=replace(count.session_file, managed=managed))
    text = text_of(follow_up.case(count, 2))

    assert f"{who} kính trình {authority} xem xét" in text
    assert ("T/M BAN THƯỜNG VỤ" in text) == (who == "Ban Thường vụ")


def test_one_alone_is_not_counted():
    title = "Lấy phiếu tín nhiệm đối với đồng chí Bí thư"
    alone = replace(
        COMMITTEE,
        session_file=replace(PARTY.session_file, title=title),
        officials=PARTY.officials[:1],
    )
    assert meetings.counted_about(alone).endswith("đối với đồng chí Bí thư")


def test_a_vote_is_called_as_its_rules_are():
    """Rules of one's own may rate at two levels."""
    rules = load("two-level-nq96")
    called = rules.title.model_copy(update={"vi": "Lấy phiếu tín nhiệm theo Quy chế số 5"})
    for regime, vote in ((rules, "bỏ"), (rules.model_copy(update={"title": called}), "lấy")):
        text = text_of(notices.guidance(replace(COUNCIL, regime=regime)))
        assert f"Việc {vote} phiếu tín nhiệm nhằm" in text


def test_what_is_handed_over_is_what_there_is():
    """No sealed ballots of paper where nobody voted on paper; no witness who was not there."""
    asked = replace(COMMITTEE, policy=replace(COMMITTEE.policy, channels=("browser",)))
    text, usual = text_of(script.script(asked)), text_of(script.script(COUNCIL))

    assert "bàn giao biên bản, hồ sơ điện tử và báo cáo" in text
    assert "đã được Ban kiểm phiếu ký" in text
    assert "đã được Ban kiểm phiếu và người chứng kiến ký" in usual

"""The report on many sessions: venues side by side, each with its own denominator."""

from datetime import date

from admin.documents import document, docx
from admin.documents.blocks import Block, Group, Paragraph, Table
from admin.documents.facts import Facts, Signatory
from admin.documents.report import Gathering, Venue, report
from admin.rules import regime
from admin.rules.compute import OfficialCounts, OfficialResults, Turnout, compute

RULES = regime.load("nq96-2023")
TWO = regime.load("two-level")


def line(name: str, *levels: int, rules: regime.Regime = RULES) -> OfficialResults:
    official = OfficialCounts(name, "Phó Chủ tịch", levels)
    return compute(rules, [official], Turnout(collected=47))["officials"][0]


def venue(body: str, *lines: OfficialResults, rules: regime.Regime = RULES) -> Venue:
    return Venue(
        body=body,
        title=rules.title.vi,
        day=date(2026, 12, 4),
        summoned=50,
        present=48,
        collected=47,
        phi="7KQ2-M9XA-41ZT-0DHE-RW8C",
        regime=rules,
        denominator=47,
        officials=tuple(enumerate(lines, start=1)),
    )


A, B, C = line("Trần An", 30, 10, 7), line("Lê Bình", 19, 2, 25), line("Trần An", 20, 20, 7)
D = line("Lê Bình", 20, 27, rules=TWO)
SAID = Gathering(
    facts=Facts(issuer="Ban Tổ chức Tỉnh ủy", signatory=Signatory(("TRƯỞNG BAN",), "Phạm Dung")),
    today=date(2026, 12, 9),
    authority="Tỉnh ủy",
    venues=(
        venue("Hội đồng nhân dân tỉnh", A, B),
        venue("Ban Chấp hành Đảng bộ tỉnh", C),
        venue("Hội đồng nhân dân tỉnh", D, rules=TWO),
    ),
    twice=(((0, A), (1, C)),),
    owed=(("Hội đồng nhân dân xã Bình Sơn", "chưa có"),),
)


def text(blocks: list[Block]) -> str:
    return "\n".join(one.lead + one.text for one in blocks if isinstance(one, Paragraph))


def tables(blocks: list[Block]) -> list[Table]:
    return [one for one in blocks if isinstance(one, Table)]


def test_two_venues_stand_below_each_other_and_nothing_is_added():
    *_, twice = tables(report(SAID))

    assert twice.rows[0] == Group("Trần An")
    first, second = (row for row in twice.rows if not isinstance(row, Group))
    assert first[:3] == ("1", "Hội đồng nhân dân tỉnh", "Phó Chủ tịch")
    assert second[:3] == ("2", "Ban Chấp hành Đảng bộ tỉnh", "Phó Chủ tịch")
    assert (first[3], second[3]) == ("30", "20")
    assert not any("50" in row for row in twice.rows if not isinstance(row, Group))


def test_each_session_has_the_levels_of_its_own_vote():
    sessions, *results, _ = tables(report(SAID))

    assert len(sessions.rows) == 3
    assert [len(one.columns) for one in results] == [10, 10, 8]


def test_cases_are_told_with_their_rule_and_nothing_is_decided():
    said = text(report(SAID))

    assert "- Lê Bình, Phó Chủ tịch (Hội đồng nhân dân tỉnh): Có quá nửa" in said
    assert "không tín nhiệm" in said
    assert "(Điều 12 Nghị quyết số 96/2023/QH15)" in said
    assert "kết luận thuộc cấp có thẩm quyền" in said
    assert "- Hội đồng nhân dân xã Bình Sơn: chưa có." in said


def test_parts_with_nothing_to_say_are_left_out():
    alone = Gathering(Facts(), SAID.today, None, (venue("Hội đồng nhân dân tỉnh", A),))
    said = report(alone)

    assert "Không có trường hợp nào đạt ngưỡng" in text(said)
    assert len(tables(said)) == 2


def test_it_is_drawn_in_both_forms():
    for style in ("state", "party"):
        made = report(SAID)
        assert document.pdf(made, style).startswith(b"%PDF")
        assert docx.write(made, style).startswith(b"PK")

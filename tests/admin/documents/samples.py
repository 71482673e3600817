"""Counts to print: a published council, a Party committee, and what strains a page."""

import csv
import io
from dataclasses import replace
from datetime import date, time
from functools import cache
from importlib import resources
from typing import Any

from admin.documents.around.meeting import Meeting, Rater
from admin.documents.around.round_plan import PlannedVote, RoundPlan
from admin.documents.compose import AttendanceList
from admin.documents.facts import MeetingFacts, Participant
from admin.documents.minutes import CommitteeSignature, Minutes, RecordSeal
from admin.record.session_file import Block, Excluded, SessionFile
from admin.rules import regime
from admin.rules.channel import ChannelCount, Marks, Pile, electronic
from admin.rules.regime import Regime
from crypto.checkpoint import Amendment
from crypto.session import Level, Official, Policy

CAST = 81
CODE, OPENING, CLOSING = (
    "7KQ2-M9XA-41ZT-0DHE-RW8C",
    "P3WN-0VJT-58RB-HX6D-19ZG",
    "C82F-E5MK-T0QS-7Y4W-AJR6",
)
SEAL = RecordSeal(
    code=CODE,
    trustees=5,
    opening=CommitteeSignature(OPENING, (1, 2, 3, 5)),
    closing=CommitteeSignature(CLOSING, (1, 3, 4, 5)),
    address="https://phieu.example.vn/s/11111111111111",
    record="3f09c2d7" * 8,
)
TWO_BLOCKS = (Block("Thường trực Hội đồng nhân dân", 4), Block("Ủy ban nhân dân", 14))
LONG_NAME = "Công Tằng Tôn Nữ Hoàng Thị Nguyễn Phước Bảo Quỳnh Như Nguyệt"
LONG_POSITION = (
    "Ủy viên Ban Thường vụ, Phó Chủ tịch Thường trực Ủy ban nhân dân kiêm Trưởng Ban Quản lý"
    " các khu công nghiệp, khu chế xuất và khu công nghệ cao"
)

STATE_FACTS = MeetingFacts(
    parent="Hội đồng nhân dân Thành phố Hồ Chí Minh",
    issuer="Ban kiểm phiếu",
    numbers=(("minutes", "15/BB-BKP"), ("report", "16/BC-BKP"), ("announcement", "17/TB-BKP")),
    town="TP. Hồ Chí Minh",
    venue="Hội trường Thành phố, 111 Bà Huyện Thanh Quan",
    start=time(9, 5),
    end=time(10, 30),
    committee=(
        Participant("Nguyễn Văn An", "Trưởng ban"),
        Participant("Trần Thị Bình", "Thư ký"),
        Participant("Lê Hữu Phước", "Thành viên"),
    ),
    witnesses=(Participant("Phạm Ngọc Diệu", "Ủy ban MTTQ Việt Nam Thành phố"),),
    chair=Participant("Nguyễn Thị Lệ", "Chủ tịch Hội đồng nhân dân Thành phố"),
    excused=(Participant("Đỗ Thị Ẩn", "ốm"),),
    complaints=(),
    copies=2,
    adopted=True,
    recipients=("Thường trực HĐND Thành phố (b/c)", "Ban Thường vụ Thành ủy (b/c)", "Lưu: VT"),
)
PARTY_FACTS = MeetingFacts(
    parent="Đảng bộ Thành phố Cần Thơ",
    issuer="Ban kiểm phiếu",
    numbers=(("minutes", "15-BB/BKP"), ("report", "731-BC/BKP")),
    town="Cần Thơ",
    venue="Hội trường Thành ủy",
    start=time(14, 30),
    end=time(16, 0),
    committee=(
        Participant("Đ/c Nguyễn Văn Hiếu", "Trưởng ban"),
        Participant("Phạm Thị Sữa", "Thư ký"),
    ),
    witnesses=(),
    chair=Participant("Đ/c Lê Quang Mạnh", "Bí thư"),
    complaints=("Một ý kiến đề nghị kiểm lại khối 2; đã kiểm lại, kết quả không đổi",),
    copies=3,
    adopted=True,
    recipients=("Ban Tổ chức Trung ương (b/c)", "Ban Thường vụ Thành ủy (b/c)", "Lưu VPTU"),
)


@cache
def council() -> tuple[tuple[str, str, tuple[int, int, int]], ...]:
    """The 18 officials of Ho Chi Minh City in 2023, with their counts of 81 ballots."""
    source = resources.files("admin") / "examples" / "hdnd_tphcm_2023_12_07.csv"
    rows = csv.DictReader(io.StringIO(source.read_text("utf-8")))
    keys = ("cao", "tin_nhiem", "thap")
    return tuple(
        (row["ho_ten"], row["chuc_vu"], (int(row[keys[0]]), int(row[keys[1]]), int(row[keys[2]])))
        for row in rows
    )


def as_of_now(name: str) -> Regime:
    """A regime whose citations stay as they are when somebody reads more of the law."""
    rules = regime.load(name)
    read = {"rule": rules.instrument, "verified": True}
    unread = {"rule": rules.instrument, "verified": False}
    return rules.model_copy(
        update={
            "denominator": rules.denominator.model_copy(update=read),
            "blank": rules.blank.model_copy(update=unread),
            "invalid": rules.invalid.model_copy(update=unread),
            "findings": tuple(finding.model_copy(update=read) for finding in rules.findings),
        }
    )


def policy(rules: Regime, *, rehearsal: bool = False) -> Policy:
    """What was sealed under these rules."""
    return Policy(
        levels=tuple(Level(level.key, level.label.vi) for level in rules.levels),
        channels=("miniapp", "paper"),
        min_ballots=10,
        regime=rules.id,
        invalid="line",
        publication="public",
        recovery="none",
        rehearsal=rehearsal,
    )


COUNCIL = SessionFile(
    uuid="1" * 14,
    body="Hội đồng nhân dân Thành phố Hồ Chí Minh",
    title="Lấy phiếu tín nhiệm đối với người giữ chức vụ do Hội đồng nhân dân bầu",
    date="2023-12-07",
    place="",
    delegates=95,
    excluded=(Excluded("Trần Thế Thuận", "Giám đốc Sở Văn hóa", "được bầu trong năm lấy phiếu"),),
)
COMMITTEE = replace(
    COUNCIL,
    body="Ban Chấp hành Đảng bộ Thành phố Cần Thơ",
    title="Lấy phiếu tín nhiệm đối với cán bộ diện Ban Thường vụ Thành ủy quản lý",
    blocks=TWO_BLOCKS,
)


def state(
    officials: int = 18,
    rules: str = "nq96-2023",
    session_file: SessionFile = COUNCIL,
    *,
    rehearsal: bool = False,
    **changes: Any,
) -> Minutes:
    """A people's council; so many of its officials, again and again if there are more."""
    rows = (council() * 4)[:officials]
    two = len(regime.load(rules).level_keys) == 2
    totals = [(line[0], line[1] + line[2]) if two else line for _, _, line in rows]
    honest: dict[str, Any] = {
        "facts": STATE_FACTS,
        "session_file": session_file,
        "regime": as_of_now(rules),
        "policy": policy(regime.load(rules), rehearsal=rehearsal),
        "officials": tuple(Official(name, position) for name, position, _ in rows),
        "summoned": 95,
        "present": 82,
        "electronic": electronic(
            regime.load(rules), 82, CAST, totals, session_file.sizes(officials)
        ),
        "journal": ("09 giờ 20 phút mất điện 02 phút, phiên không bị gián đoạn",),
        "amendments": (Amendment(1, 1, 0, "0" * 64, "đại biểu mới được xác nhận tư cách"),),
        "seal": SEAL,
    }
    return Minutes(**(honest | changes))


def paper(officials: int = 18, piles: tuple[Pile, ...] = (Pile(12, 1),)) -> ChannelCount:
    """Paper ballots of three levels; every line fits its pile of 11 valid ones."""
    return ChannelCount(12, piles, (Marks((8, 2, 1), 0),) * officials, exchanged=1, unused=3)


def party(officials: int = 18, **changes: Any) -> Minutes:
    """A Party committee with khối, and a paper column."""
    usual: dict[str, Any] = {
        "facts": PARTY_FACTS,
        "paper": paper(officials, (Pile(12, 1),) * 2),
        "late": 12,
    }
    return state(officials, "qd96-2023", COMMITTEE, **(usual | changes))


def listed(people: int = 95, **changes: Any) -> AttendanceList:
    """Those summoned."""
    names = [f"{council()[i % 18][0]} {i + 1}" for i in range(people - 1)]
    usual: dict[str, Any] = {
        "facts": STATE_FACTS,
        "session_file": COUNCIL,
        "regime": as_of_now("nq96-2023"),
        "people": tuple(
            Participant(name, f"Tổ đại biểu số {i % 20 + 1}")
            for i, name in enumerate([*names, "Đỗ Thị Ẩn"])
        ),
    }
    return AttendanceList(**(usual | changes))


A_ROUND = RoundPlan(
    replace(PARTY_FACTS, issuer="Ban Thường vụ Thành ủy", basis=("Quy định số 96-QĐ/TW",)),
    "Tổ chức lấy phiếu tín nhiệm năm 2028",
    (
        PlannedVote(
            "Ban Chấp hành Đảng bộ thành phố",
            "Ủy viên Ban Thường vụ Thành ủy",
            "Ủy viên Ban Chấp hành",
            "Ban Thường vụ Thành ủy",
            "Ban Tổ chức Thành ủy",
            date(2028, 12, 12),
            date(2028, 12, 21),
        ),
        PlannedVote(
            "Hội đồng nhân dân thành phố",
            "Người giữ chức vụ do Hội đồng nhân dân bầu",
            "Đại biểu Hội đồng nhân dân",
            "",
            "",
            date(2028, 12, 5),
            date(2028, 12, 14),
        ),
    ),
    date(2028, 9, 1),
)


def before(count: Minutes, people: int = 24, channels: tuple[str, ...] = ("paper",)) -> Meeting:
    """The meeting of a count, before it; the head of the committee is the last of the roster."""
    raters = [
        Rater(f"{council()[i % 18][0]} {i + 1}", "Đại biểu", f"Tổ đại biểu số {i % 3 + 1}", "Ông")
        for i in range(people - 1)
    ]
    return Meeting(
        count.facts,
        count.session_file,
        count.regime,
        replace(count.policy, channels=channels),
        count.officials,
        (*raters, Rater("Nguyễn Văn An", "Trưởng Ban Pháp chế", "Tổ đại biểu số 2")),
    )


def entered(count: Minutes) -> Minutes:
    """The same with khóa, nhiệm kỳ, kỳ họp, and how its officials are addressed."""
    honorifics = ["Bà" if "Thị" in official.name else "Ông" for official in count.officials]
    file = replace(
        count.session_file,
        convocation="X",
        term="2021 - 2026",
        sitting="13",
        honorifics=tuple(honorifics),
    )
    return replace(count, session_file=file)


def many_blocks() -> Minutes:
    """Four khối with different ballots, some on paper; people are addressed."""
    count = state(4, paper=paper(4), late=12)
    blocks = tuple(Block(f"Khối {number}", 1) for number in range(1, 5))
    assert count.electronic is not None
    assert count.paper is not None
    piles = tuple(Pile(CAST, number) for number in range(4))
    marks = tuple(
        Marks((line.levels[0] - number, *line.levels[1:]), line.blank)
        for number, line in enumerate(count.electronic.officials)
    )
    return replace(
        count,
        session_file=replace(
            count.session_file, blocks=blocks, honorifics=("Bà", "Ông", "Ông", "Bà"), sitting="13"
        ),
        electronic=replace(count.electronic, piles=piles, officials=marks),
        paper=replace(count.paper, piles=count.paper.piles * 4),
    )


def on_paper() -> Minutes:
    """A vote on paper alone, with the number of ballots printed."""
    count = state(3, paper=paper(3), late=12)
    facts = replace(count.facts, printed=20, addressees=("Thường trực Hội đồng nhân dân",))
    return replace(count, facts=facts, electronic=None, seal=None, late=0)

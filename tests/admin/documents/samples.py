"""Counts to print: a published council, a Party committee, and what strains a page."""

import csv
import io
from datetime import date, time
from functools import cache
from importlib import resources
from typing import Any

from admin.documents.compose import Attendance
from admin.documents.facts import Facts, Person
from admin.documents.minutes import (
    Amendment,
    Block,
    Column,
    Excluded,
    Marks,
    Minutes,
    Official,
    Pile,
    Seal,
    electronic,
)
from admin.rules import regime
from admin.rules.regime import Regime

CAST = 81
PHI = "7KQ2-M9XA-41ZT-0DHE-RW8C"
SEAL = Seal(PHI, "https://phieu.example.vn/s/11111111111111", "3f09c2d7" * 8)
TWO_BLOCKS = (Block("Thường trực Hội đồng nhân dân", 4), Block("Ủy ban nhân dân", 14))
LONG_NAME = "Công Tằng Tôn Nữ Hoàng Thị Nguyễn Phước Bảo Quỳnh Như Nguyệt"
LONG_POSITION = (
    "Ủy viên Ban Thường vụ, Phó Chủ tịch Thường trực Ủy ban nhân dân kiêm Trưởng Ban Quản lý"
    " các khu công nghiệp, khu chế xuất và khu công nghệ cao"
)

STATE_FACTS = Facts(
    parent="Hội đồng nhân dân Thành phố Hồ Chí Minh",
    issuer="Ban kiểm phiếu",
    numbers=(("minutes", "15/BB-BKP"), ("report", "16/BC-BKP"), ("announcement", "17/TB-BKP")),
    town="TP. Hồ Chí Minh",
    venue="Hội trường Thành phố, 111 Bà Huyện Thanh Quan",
    start=time(9, 5),
    end=time(10, 30),
    committee=(
        Person("Nguyễn Văn An", "Trưởng ban"),
        Person("Trần Thị Bình", "Thư ký"),
        Person("Lê Hữu Phước", "Thành viên"),
    ),
    witnesses=(Person("Phạm Ngọc Diệu", "Ủy ban MTTQ Việt Nam Thành phố"),),
    chair=Person("Nguyễn Thị Lệ", "Chủ tịch Hội đồng nhân dân Thành phố"),
    excused=(Person("Đỗ Thị Ẩn", "ốm"),),
    complaints=(),
    copies=2,
    adopted=True,
    recipients=("Thường trực HĐND Thành phố (b/c)", "Ban Thường vụ Thành ủy (b/c)", "Lưu: VT"),
)
PARTY_FACTS = Facts(
    parent="Đảng bộ Thành phố Cần Thơ",
    issuer="Ban kiểm phiếu",
    numbers=(("minutes", "15-BB/BKP"), ("report", "731-BC/BKP")),
    town="Cần Thơ",
    venue="Hội trường Thành ủy",
    start=time(14, 30),
    end=time(16, 0),
    committee=(
        Person("Đ/c Nguyễn Văn Hiếu", "Trưởng ban"),
        Person("Phạm Thị Sữa", "Thư ký"),
    ),
    witnesses=(),
    chair=Person("Đ/c Lê Quang Mạnh", "Bí thư"),
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
    found = regime.load(name)
    known = {"rule": found.instrument, "verified": True}
    unread = {"rule": found.instrument, "verified": False}
    return found.model_copy(
        update={
            "denominator": found.denominator.model_copy(update=known),
            "blank": found.blank.model_copy(update=unread),
            "invalid": found.invalid.model_copy(update=unread),
            "findings": tuple(one.model_copy(update=known) for one in found.findings),
        }
    )


def state(officials: int = 18, rules: str = "nq96-2023", **changes: Any) -> Minutes:
    """A people's council; so many of its officials, again and again if there are more."""
    rows = (council() * 4)[:officials]
    two = len(regime.load(rules).level_keys) == 2
    totals = [(line[0], line[1] + line[2]) if two else line for _, _, line in rows]
    said: dict[str, Any] = {
        "facts": STATE_FACTS,
        "body": "Hội đồng nhân dân Thành phố Hồ Chí Minh",
        "title": "Lấy phiếu tín nhiệm đối với người giữ chức vụ do Hội đồng nhân dân bầu",
        "day": date(2023, 12, 7),
        "regime": as_of_now(rules),
        "officials": tuple(Official(name, position) for name, position, _ in rows),
        "delegates": 95,
        "summoned": 95,
        "present": 82,
        "electronic": electronic(82, CAST, totals, changes.get("blocks", ())),
        "excluded": (
            Excluded("Trần Thế Thuận", "Giám đốc Sở Văn hóa", "được bầu trong năm lấy phiếu"),
        ),
        "journal": ("09 giờ 20 phút mất điện 02 phút, phiên không bị gián đoạn",),
        "amendments": (Amendment(1, 1, 0, "đại biểu mới được xác nhận tư cách"),),
        "seal": SEAL,
    }
    return Minutes(**(said | changes))


def paper(officials: int = 18, piles: tuple[Pile, ...] = (Pile(12, 11, 1),)) -> Column:
    """Paper ballots of three levels; every line fits its pile of 11 valid ones."""
    return Column(12, piles, (Marks((8, 2, 1), 0),) * officials, exchanged=1, unused=3)


def party(officials: int = 18, **changes: Any) -> Minutes:
    """A Party committee with khối, and a paper column."""
    piles = (Pile(12, 11, 1),) * 2
    said: dict[str, Any] = {
        "facts": PARTY_FACTS,
        "body": "Ban Chấp hành Đảng bộ Thành phố Cần Thơ",
        "title": "Lấy phiếu tín nhiệm đối với cán bộ diện Ban Thường vụ Thành ủy quản lý",
        "blocks": TWO_BLOCKS,
        "paper": paper(officials, piles),
        "late": 12,
    }
    return state(officials, "qd96-2023", **(said | changes))


def listed(people: int = 95, **changes: Any) -> Attendance:
    """Those summoned."""
    names = [f"{council()[i % 18][0]} {i + 1}" for i in range(people - 1)]
    said: dict[str, Any] = {
        "facts": STATE_FACTS,
        "regime": as_of_now("nq96-2023"),
        "body": "Hội đồng nhân dân Thành phố Hồ Chí Minh",
        "title": "Lấy phiếu tín nhiệm đối với người giữ chức vụ do Hội đồng nhân dân bầu",
        "day": date(2023, 12, 7),
        "people": tuple(
            Person(name, f"Tổ đại biểu số {i % 20 + 1}")
            for i, name in enumerate([*names, "Đỗ Thị Ẩn"])
        ),
    }
    return Attendance(**(said | changes))

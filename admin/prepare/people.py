"""The two spreadsheets of a session: the officials who are rated, the roster of who may vote."""

import re
import unicodedata
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final, TypeVar

from admin.prepare import namesakes, roster, sheet
from admin.prepare.namesakes import Pair, Person
from admin.prepare.roster import RosterRow
from admin.prepare.sheet import Column, Row, Table
from admin.rules.cells import Fault, Problem
from admin.rules.eligibility import NOTHING, Facts
from crypto.session import MAX_OFFICIALS, Official

_NUMBER = Column("number", "STT", ("stt", "tt", "so tt", "so thu tu"))
_NAME = Column("name", "Họ và tên", ("ho va ten", "ho ten", "name"), required=True)
_POSITION = Column("position", "Chức vụ", ("chuc vu", "chuc danh", "chuc vu chuc danh", "position"))
_UNIT = Column("unit", "Đơn vị", ("don vi", "to dai bieu", "don vi cong tac", "co quan", "unit"))
_BIRTH = Column("birth", "Ngày sinh", ("ngay sinh", "nam sinh", "ngay thang nam sinh", "birth"))
_NOTE = Column("note", "Ghi chú", ("ghi chu", "note"))

OFFICIALS: Final = (
    _NUMBER,
    _NAME,
    Column("position", _POSITION.heading, _POSITION.headings, required=True),
    Column("block", "Khối", ("khoi", "nhom", "phieu so", "block")),
    Column(
        "managed",
        "Cơ quan quản lý",
        ("co quan quan ly", "cap quan ly", "cap co tham quyen quan ly", "dien quan ly", "managed"),
    ),
    Column(
        "since",
        "Ngày bầu, bổ nhiệm",
        ("ngay bau bo nhiem", "ngay bau", "ngay bo nhiem", "ngay bau hoac bo nhiem", "since"),
    ),
    Column(
        "retirement",
        "Thông báo nghỉ hưu",
        ("thong bao nghi huu", "da co thong bao nghi huu", "ngay thong bao nghi huu", "retirement"),
    ),
    Column("ill", "Nghỉ bệnh từ", ("nghi benh tu", "nghi benh tu ngay", "ill")),
    Column(
        "excluded",
        "Lý do không lấy phiếu",
        ("ly do khong lay phieu", "khong lay phieu", "ly do khong ghi phieu", "excluded"),
    ),
)
ROSTER: Final = (_NUMBER, _NAME, _POSITION, _UNIT, _BIRTH, _NOTE)

_BIRTHS = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{2})-(?P<day>\d{2}))?"
    r"|(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<y>\d{4})",
    re.ASCII,
)
_IN_A_NAME = frozenset(" -'’.,()/")
_LONG_AGO = 1900
INSISTED: Final = "vẫn lấy phiếu"
MARKS: Final = frozenset({"x", "có", "đã có", "yes"})
_Contents = TypeVar("_Contents", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the officials' table.

    Attributes:
        reason: why the official is not rated, as the row says.
        insisted: whether the row says that the official is rated whatever the rules say.
        block: the heading of the khối.
        managed: the managing authority.
        facts: what the rules on who may be rated are applied to.
        row: its number in the table; 0 where it comes from elsewhere.
    """

    name: str
    position: str
    reason: str = ""
    block: str = ""
    managed: str = ""
    facts: Facts = NOTHING
    insisted: bool = False
    row: int = field(default=0, compare=False)


def read_officials(
    path: Path, problems: list[Problem], warnings: list[Problem]
) -> tuple[Listed, ...]:
    """The officials of a spreadsheet, in its order: those of the ballot, and those who are not.

    Raises:
        OSError: the file cannot be read.
    """
    found: list[Problem] = []
    table = sheet.read(path, OFFICIALS, found)
    listed: list[Listed] = []
    for row in table.rows:
        found += _name(table, row)
        facts = _facts(table, row, found)
        if not row.refused and row.texts["name"]:
            listed.append(_listed(row, facts))
    found += _apart(table, listed)
    officials = {one.row: Official(one.name, one.position) for one in listed}
    found += _twice(table, officials)
    found += _size(table, 1, MAX_OFFICIALS, readable=not found)
    problems += _in_order(found)
    rated = [Person(number, official.name) for official, number in _first(officials).items()]
    warnings += _told(table, namesakes.pairs(rated))
    return tuple(listed)


def _listed(row: Row, facts: Facts) -> Listed:
    said = row.texts
    insisted = sheet.fold(said["excluded"]) == sheet.fold(INSISTED)
    return Listed(
        said["name"],
        said["position"],
        "" if insisted else said["excluded"],
        said["block"],
        said["managed"],
        facts,
        insisted,
        row.number,
    )


def _facts(table: Table, row: Row, problems: list[Problem]) -> Facts:
    """The days of a row, and whether retirement was announced."""
    days: dict[str, date | None] = {}
    marked = row.texts["retirement"].casefold() in MARKS
    for key in ("since", "retirement", "ill"):
        said = "" if key == "retirement" and marked else row.texts[key]
        try:
            days[key] = day(said) if said else None
        except Fault as fault:
            problems.append(table.problem(row, key, fault))
            days[key] = None
    retirement = days["retirement"]
    return Facts(days["since"], marked or retirement is not None, retirement, days["ill"])


def _apart(table: Table, listed: Sequence[Listed]) -> Iterator[Problem]:
    """A khối is one run of rows; where there are any, everybody who is rated is in one."""
    listed = [one for one in listed if not one.reason]
    if not any(one.block for one in listed):
        return
    first: dict[str, int] = {}
    for before, one in zip([None, *listed], listed, strict=False):
        fault = None
        if not one.block:
            fault = Fault("block_missing")
        elif one.block in first and before is not None and before.block != one.block:
            fault = Fault("block_apart", block=one.block, row=first[one.block])
        first.setdefault(one.block, one.row)
        if fault is not None:
            yield Problem(table.file, one.row, table.shown.get("block"), fault)


def read_roster(
    path: Path, problems: list[Problem], warnings: list[Problem]
) -> tuple[RosterRow, ...]:
    """The roster of a spreadsheet, in its order.

    Raises:
        OSError: the file cannot be read.
    """
    found: list[Problem] = []
    table = sheet.read(path, ROSTER, found)
    voters: dict[int, RosterRow] = {}
    for row in table.rows:
        found += _name(table, row)
        details = {key: row.texts[key] for key in roster.DETAILS if row.texts[key]}
        try:
            if "birth" in details:
                details["birth"] = _birth(details["birth"])
        except Fault as fault:
            found.append(table.problem(row, "birth", fault))
            continue
        if not row.refused and row.texts["name"]:
            voters[row.number] = RosterRow(row.texts["name"], tuple(details.items()))
    found += _twice(table, voters)
    found += _size(table, roster.FEWEST, roster.MOST, readable=not found)
    problems += _in_order(found)
    people = [_person(number, row) for row, number in _first(voters).items()]
    warnings += _told(table, namesakes.pairs(people))
    return tuple(voters.values())


def _person(number: int, row: RosterRow) -> Person:
    position = f"{row.detail('position')} {row.detail('unit')}" if row.detail("position") else ""
    return Person(number, row.name, row.detail("birth"), position)


def _name(table: Table, row: Row) -> Iterator[Problem]:
    if "name" in row.refused:
        return
    name = row.texts["name"]
    if not any(character.isalpha() for character in name):
        yield table.problem(row, "name", Fault("name_without_letters" if name else "name_empty"))
        return
    for character in name:
        # Fonts of before Unicode (TCVN3, VNI) leave signs such as ¨ µ ® in the middle of names.
        if character not in _IN_A_NAME and unicodedata.category(character)[0] not in "LMN":
            yield table.problem(row, "name", Fault("name_sign", sign=character))
            return


def day(text: str) -> date:
    """A whole date as Vietnamese write it, the day first. Raises Fault."""
    try:
        return date.fromisoformat(_birth(text))
    except ValueError:  # no date, or a year alone
        raise Fault("day") from None


def _birth(text: str) -> str:
    """YYYY-MM-DD or YYYY, of a date as Vietnamese write it: the day first."""
    match = _BIRTHS.fullmatch(text)
    if match is None:
        raise Fault("birth")
    year = int(match["year"] or match["y"])
    month, day = match["month"] or match["m"], match["day"] or match["d"]
    if year < _LONG_AGO:
        raise Fault("birth")
    if month is None:
        return str(year)
    try:
        return date(year, int(month), int(day)).isoformat()
    except ValueError:
        raise Fault("birth") from None


def _first(rows: Mapping[int, _Contents]) -> dict[_Contents, int]:
    """The number of the first row with each contents."""
    first: dict[_Contents, int] = {}
    for number, contents in rows.items():
        first.setdefault(contents, number)
    return first


def _twice(table: Table, rows: Mapping[int, Hashable]) -> Iterator[Problem]:
    first = _first(rows)
    for number, contents in rows.items():
        if first[contents] != number:
            yield Problem(table.file, number, None, Fault("row_twice", row=first[contents]))


def _in_order(problems: Sequence[Problem]) -> list[Problem]:
    """From the top of the file to its end; what is about all of it comes first."""
    return sorted(problems, key=lambda problem: problem.row or 0)


def _size(table: Table, low: int, high: int, *, readable: bool) -> Iterator[Problem]:
    size = len(table.rows)
    if size > high or (readable and size < low):
        yield Problem(table.file, None, None, Fault("size", size=size, low=low, high=high))


def _told(table: Table, found: Sequence[Pair]) -> Iterator[Problem]:
    for pair in found:
        fault = Fault(pair.code, name=pair.second.name, other=pair.first.name, row=pair.first.row)
        yield Problem(table.file, pair.second.row, table.shown.get("name"), fault)

"""The two spreadsheets of a session: the officials who are rated, the roster of who may vote."""

import re
import unicodedata
from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final, TypeVar

from admin.record.human import Excluded
from admin.rules.cells import Fault
from admin.session import alike, roster, sheet
from admin.session.alike import Pair, Person
from admin.session.roster import RosterRow
from admin.session.sheet import Column, Problem, Row, Table
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
_Contents = TypeVar("_Contents", bound=Hashable)


def read_officials(
    path: Path, problems: list[Problem], warnings: list[Problem]
) -> tuple[Official | Excluded, ...]:
    """The officials of a spreadsheet, in its order: those of the ballot, and the excluded.

    Raises:
        OSError: the file cannot be read.
    """
    found: list[Problem] = []
    table = sheet.read(path, OFFICIALS, found)
    officials: dict[int, Official] = {}
    excluded: dict[int, Excluded] = {}
    for row in table.rows:
        found += _name(table, row)
        official = Official(row.texts["name"], row.texts["position"])
        if not row.refused and official.name:
            officials[row.number] = official
            if reason := row.texts["excluded"]:
                excluded[row.number] = Excluded(official.name, official.position, reason)
    found += _twice(table, officials)
    found += _size(table, 1, MAX_OFFICIALS, readable=not found)
    problems += _in_order(found)
    rated = [Person(number, official.name) for official, number in _first(officials).items()]
    warnings += _told(table, alike.pairs(rated))
    return tuple(excluded.get(number, official) for number, official in officials.items())


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
    warnings += _told(table, alike.pairs(people))
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

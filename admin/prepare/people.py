"""The two spreadsheets of a session: the officials who are rated, the roster of who may vote."""

import re
import unicodedata
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Final, TypeVar

from admin.prepare import namesakes, roster
from admin.prepare.namesakes import Pair, Traits
from admin.prepare.roster import RosterRow
from admin.record.count import MAX_CODE, UNKNOWN, Cadre
from admin.rules import letters, people_rows, sheet, sheet_table
from admin.rules.cells import Fault, Problem
from admin.rules.eligibility import NOTHING, Career
from admin.rules.sheet_table import CONFIRMED, Column, Row, SheetTable
from crypto.session import MAX_OFFICIALS, Official
from storage.rows import Person

_NUMBER = Column("number", "STT", ("stt", "tt", "so tt", "so thu tu"))
_NAME = Column("name", "Họ và tên", ("ho va ten", "ho ten", "name"), required=True)
_POSITION = Column("position", "Chức vụ", ("chuc vu", "chuc danh", "chuc vu chuc danh", "position"))
_UNIT = Column("unit", "Đơn vị", ("don vi", "to dai bieu", "don vi cong tac", "co quan", "unit"))
_BIRTH = Column(
    "birth", "Ngày sinh", ("ngay sinh", "nam sinh", "ngay thang nam sinh", "birth"), day=True
)
_NOTE = Column("note", "Ghi chú", ("ghi chu", "note"))
_HONORIFIC = Column(
    "honorific",
    "Xưng hô",
    ("xung ho", "ong ba", "gioi tinh", "gioi", "nam nu", "danh xung", "honorific"),
)
# Whatever is written there says that the row is somebody's and is spelled as it should be.
SURE: Final = Column(CONFIRMED, "Xác nhận", ("xac nhan", "la nguoi", "confirmed"))

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
        day=True,
    ),
    Column(
        "retirement",
        "Thông báo nghỉ hưu",
        ("thong bao nghi huu", "da co thong bao nghi huu", "ngay thong bao nghi huu", "retirement"),
        day=True,
    ),
    Column("ill", "Nghỉ bệnh từ", ("nghi benh tu", "nghi benh tu ngay", "ill"), day=True),
    Column(
        "excluded",
        "Lý do không lấy phiếu",
        ("ly do khong lay phieu", "khong lay phieu", "ly do khong ghi phieu", "excluded"),
    ),
    _HONORIFIC,
    _BIRTH,
    Column(
        "code",
        "Mã cán bộ",
        ("ma can bo", "so hieu can bo", "ma so can bo", "ma dinh danh can bo", "code"),
    ),
    SURE,
)
ROSTER: Final = (_NUMBER, _NAME, _POSITION, _UNIT, _BIRTH, _NOTE, _HONORIFIC, SURE)

_BIRTHS = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{2})-(?P<day>\d{2}))?"
    r"|(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<y>\d{4})",
    re.ASCII,
)
_IN_A_NAME = frozenset(" -.,()/") | letters.APOSTROPHES
# Two or more words on each side of what sets people apart.
_WORDS = r"[^\W\d_]+[ \u00a0]+[^\W\d_]+"
_TWO = re.compile(rf"{_WORDS}\s*(?:[,;/&\r\n]+| và )\s*{_WORDS}")
_LONG_AGO = 1900
# Folded; a column of sexes says as well how somebody is addressed.
_HONORIFICS: Final = {
    **dict.fromkeys(("ong", "nam", "mr", "male"), "Ông"),
    **dict.fromkeys(("ba", "nu", "mrs", "ms", "female"), "Bà"),
    **dict.fromkeys(("dong chi", "d c", "dc"), "Đồng chí"),
}
_LONGEST_HONORIFIC: Final = 20  # letters: Hòa thượng, Linh mục, Anh hùng Lao động
_ODD: Final = frozenset({"foreign_letter", "other_alphabet"})  # letters that a name may have
_ADDED: Final = "--add"  # the option stands where a spreadsheet has its name
INSISTED: Final = "vẫn lấy phiếu"
MARKS: Final = frozenset({"x", "có", "đã có", "yes"})
# What stands in a column of reasons for "none", or as a mark; folded.
_NO_REASON: Final = frozenset(
    [
        *("khong", "khong co", "ko", "k", "khg", "kg", "chua", "chua co", "khong phai", "none"),
        *("lay phieu", "co lay phieu", "khong lay phieu", "khong co ly do", "chua ro", "khong ro"),
        *("binh thuong", "du dieu kien", "dat", "true", "nhu tren", "khac"),
        *("no", "nil", "null", "na", "n a", "x", "v", "co", "yes", "y", "ok", "dung", "false"),
    ]
)
_Contents = TypeVar("_Contents", bound=Hashable)


@dataclass(frozen=True, slots=True)
class OfficialRow:
    """A row of the officials' table.

    Attributes:
        reason: why the official is not rated, as the row says.
        insisted: whether the row says that the official is rated whatever the rules say.
        block: the heading of the khối.
        managed: the managing authority.
        cadre: what tells the official from a namesake.
        career: what the rules on who may be rated are applied to.
        row: its number in the table; 0 where it comes from elsewhere.
        honorific: Ông, Bà; may be empty.
    """

    name: str
    position: str
    reason: str = ""
    block: str = ""
    managed: str = ""
    cadre: Cadre = UNKNOWN
    career: Career = NOTHING
    insisted: bool = False
    row: int = field(default=0, compare=False)
    honorific: str = ""


def read_officials(
    path: Path, problems: list[Problem], warnings: list[Problem]
) -> tuple[OfficialRow, ...]:
    """The officials of a spreadsheet, in its order: those of the ballot, and those who are not.

    Raises:
        OSError: the file cannot be read.
    """
    faulty: list[Problem] = []
    table = sheet.read(path, OFFICIALS, faulty, warnings)
    rows: list[OfficialRow] = []
    for row in table.rows:
        faulty += _name(table, row)
        faulty += _reason(table, row)
        career, cadre = _career(table, row, faulty), _cadre(table, row, faulty)
        honorific = _honorific(table, row, faulty)
        if not row.refused and row.texts["name"]:
            rows.append(replace(_official(row, career, cadre), honorific=honorific))
    faulty += _apart(table, rows)
    officials = {row.row: Official(row.name, row.position) for row in rows}
    faulty += _twice(table, officials)
    faulty += _size(table, 1, MAX_OFFICIALS, readable=not faulty)
    problems += _in_order(faulty)
    rated = [Traits(number, official.name) for official, number in _first(officials).items()]
    warnings += _doubtful(table, rated, readable=not faulty)
    warnings += [
        table.at(row.row, "position", Fault("position_empty", name=row.name))
        for row in rows
        if not row.position
    ]
    return tuple(rows)


def _reason(table: SheetTable, row: Row) -> Iterator[Problem]:
    """A reason is words: a mark or a number takes nobody off the ballot."""
    text = sheet_table.fold(row.texts["excluded"])
    if text in _NO_REASON or (text and not any(map(str.isalpha, text))):
        yield table.problem(row, "excluded", Fault("no_reason", insisted=INSISTED))


def _cadre(table: SheetTable, row: Row, problems: list[Problem]) -> Cadre:
    """When the official was born, and the cadre code."""
    born, code = row.texts["birth"], row.texts["code"]
    try:
        born = born and _birth(born)
    except Fault as fault:
        problems.append(table.problem(row, "birth", fault))
    if len(code) > MAX_CODE:
        problems.append(table.problem(row, "code", Fault("code_long", limit=MAX_CODE)))
    return Cadre(born, code)


def _official(row: Row, career: Career, cadre: Cadre) -> OfficialRow:
    texts = row.texts
    insisted = sheet_table.fold(texts["excluded"]) == sheet_table.fold(INSISTED)
    return OfficialRow(
        texts["name"],
        texts["position"],
        "" if insisted else texts["excluded"],
        texts["block"],
        texts["managed"],
        cadre,
        career,
        insisted,
        row.number,
    )


def _career(table: SheetTable, row: Row, problems: list[Problem]) -> Career:
    """The days of a row, and whether retirement was announced."""
    days: dict[str, date | None] = {}
    marked = row.texts["retirement"].casefold() in MARKS
    for key in ("since", "retirement", "ill"):
        text = "" if key == "retirement" and marked else row.texts[key]
        try:
            days[key] = day(text) if text else None
        except Fault as fault:
            problems.append(table.problem(row, key, fault))
            days[key] = None
    retirement = days["retirement"]
    return Career(days["since"], marked or retirement is not None, retirement, days["ill"])


def _honorific(table: SheetTable, row: Row, problems: list[Problem]) -> str:
    """How a person is addressed, also where the column says the sex."""
    written = row.texts["honorific"]
    honorific = _HONORIFICS.get(sheet_table.fold(written))
    if honorific is not None or not written:
        return honorific or ""
    if len(written) > _LONGEST_HONORIFIC or not written.replace(" ", "").isalpha():
        problems.append(table.problem(row, "honorific", Fault("honorific_form")))
        return ""
    return written


def _apart(table: SheetTable, officials: Sequence[OfficialRow]) -> Iterator[Problem]:
    """A khối is one run of rows; where there are any, everybody who is rated is in one."""
    rated = [row for row in officials if not row.reason]
    if not any(row.block for row in rated):
        return
    first: dict[str, int] = {}
    for before, row in zip([None, *rated], rated, strict=False):
        fault = None
        if not row.block:
            fault = Fault("block_missing")
        elif row.block in first and before is not None and before.block != row.block:
            fault = Fault("block_apart", block=row.block, row=first[row.block])
        first.setdefault(row.block, row.row)
        if fault is not None:
            yield table.at(row.row, "block", fault, row.block)


def read_roster(
    path: Path, problems: list[Problem], warnings: list[Problem], until: date | None = None
) -> tuple[RosterRow, ...]:
    """The roster of a spreadsheet, in its order.

    Args:
        until: a day after which nobody on it can be born.

    Raises:
        OSError: the file cannot be read.
    """
    faulty: list[Problem] = []
    table = sheet.read(path, ROSTER, faulty, warnings)
    voters: dict[int, RosterRow] = {}
    for row in table.rows:
        faulty += _name(table, row)
        texts = {**row.texts, "honorific": _honorific(table, row, faulty)}
        details = {key: texts[key] for key in roster.DETAILS if texts[key]}
        try:
            if "birth" in details:
                details["birth"] = _birth(details["birth"], until)
        except Fault as fault:
            faulty.append(table.problem(row, "birth", fault))
            continue
        if not row.refused and row.texts["name"]:
            voters[row.number] = RosterRow(row.texts["name"], tuple(details.items()))
    faulty += _twice(table, voters)
    faulty += _size(table, roster.FEWEST, roster.MOST, readable=not faulty)
    problems += _in_order(faulty)
    people = [_traits(number, row) for row, number in _first(voters).items()]
    warnings += _doubtful(table, people, readable=not faulty)
    return tuple(voters.values())


def read_added(
    names: Sequence[str],
    staying: Sequence[Person],
    last: int,
    problems: list[Problem],
    warnings: list[Problem],
) -> dict[int, str]:
    """The names of people who join a sealed roster, by their numbers on it, as the import reads it.

    Args:
        staying: the roster without those who are removed.
        last: the highest number on the roster so far.
    """
    added: dict[int, str] = {}
    for place, name in enumerate(names, start=last + 1):
        text = sheet.cell_text(name)
        fault = text if isinstance(text, Fault) else _letters_fault(text) or _name_fault(text)
        if fault is not None and fault.code not in _ODD:
            problems.append(Problem(_ADDED, place, None, fault))
        elif isinstance(text, str):
            added[place] = text
            if fault is not None:  # no column confirms it here, so the reader decides
                warnings.append(Problem(_ADDED, place, None, fault))
    size = len(staying) + len(names)
    if not roster.FEWEST <= size <= roster.MOST:
        fault = Fault("size", size=size, low=roster.FEWEST, high=roster.MOST)
        problems.append(Problem("roster", None, None, fault))
    staying_rows = zip(staying, roster.rows(staying), strict=True)
    traits = [_traits(person.place, row) for person, row in staying_rows]
    traits += [Traits(place, name) for place, name in added.items()]
    warnings += [
        Problem(_ADDED, pair.second.row, None, _may_be_one(pair))
        for pair in namesakes.pairs(traits)
        if pair.second.row in added
    ]
    return added


def _traits(number: int, row: RosterRow) -> Traits:
    position = f"{row.detail('position')} {row.detail('unit')}" if row.detail("position") else ""
    return Traits(number, row.name, row.detail("birth"), position)


def _name(table: SheetTable, row: Row) -> Iterator[Problem]:
    name = row.texts["name"]
    refused = "name" in row.refused or (not name and "number" in row.refused)
    fault = None if refused else _name_fault(name)
    if fault is not None:
        yield table.problem(row, "name", fault)


def _letters_fault(name: str) -> Fault | None:
    try:
        letters.check(name)
    except Fault as fault:
        return fault
    return None


def _name_fault(name: str) -> Fault | None:
    if not any(character.isalpha() for character in name):
        return Fault("name_without_letters" if name else "name_empty")
    if name[0].isdecimal():
        return Fault("name_number")
    for character in name:
        if character not in _IN_A_NAME and unicodedata.category(character)[0] not in "LMN":
            return Fault("name_sign", sign=character)
    return None


def day(text: str) -> date:
    """A whole date as Vietnamese write it, the day first. Raises Fault."""
    try:
        return date.fromisoformat(_date(text))
    except ValueError:  # no date, or a year alone
        raise Fault("day") from None


def _birth(text: str, until: date | None = None) -> str:
    """YYYY-MM-DD or YYYY, of a date as Vietnamese write it: the day first."""
    birth = _date(text)
    if until is not None and birth > until.isoformat()[: len(birth)]:
        raise Fault("birth_later", until=until)
    return birth


def _date(text: str) -> str:
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


def _twice(table: SheetTable, rows: Mapping[int, Hashable]) -> Iterator[Problem]:
    first = _first(rows)
    for number, contents in rows.items():
        if first[contents] != number:
            yield table.at(number, None, Fault("row_twice", row=first[contents]))


def _in_order(problems: Sequence[Problem]) -> list[Problem]:
    """From the top of the file to its end; what is about all of it comes first."""
    return sorted(problems, key=lambda problem: problem.row or 0)


def _size(table: SheetTable, low: int, high: int, *, readable: bool) -> Iterator[Problem]:
    size = len(table.rows)
    if size > high or (readable and size < low):
        yield table.at(None, None, Fault("size", size=size, low=low, high=high))


def _doubtful(table: SheetTable, people: Sequence[Traits], *, readable: bool) -> Iterator[Problem]:
    """Who may be two, or there twice; and the first number that is not its place in the list."""
    for row in table.rows:
        if not row.confirmed and _TWO.search(row.contents.get("name", "")):
            yield table.problem(row, "name", Fault("name_of_two"))
    misplaced = people_rows.out_of_order(table) if readable else None
    if misplaced is not None:
        yield misplaced
    for pair in namesakes.pairs(people):
        yield table.at(pair.second.row, "name", _may_be_one(pair))


def _may_be_one(pair: Pair) -> Fault:
    return Fault(pair.code, name=pair.second.name, other=pair.first.name, row=pair.first.row)

"""Rows of a list of people that are nobody: headings, groups, totals, notes and signatures.

Vietnamese lists have them above, between and below the people, in the columns of the people. What
tells them is how they begin; a person who is called so is confirmed in the row.
"""

import re
import unicodedata
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Final, Literal

from admin.rules.cells import Fault, Problem
from admin.rules.sheet_table import CONFIRMED, NAME, NUMBER, Row, SheetTable

Kind = Literal["total", "signature", "notes", "heading", "group"]

# A running number: 7, 07, 7., (7), HĐND-7; a spreadsheet may make 7.0 of it.
_NUMBER: Final = re.compile(r"\(?(?:[^\W\d_]{1,8}-)?0*(\d{1,7})(?:[.,]0)?[.)]?")


def _bare(text: str) -> str:
    """A text, or a pattern, without marks."""
    signs = unicodedata.normalize("NFD", text.replace("đ", "d"))
    return "".join(sign for sign in signs if not unicodedata.combining(sign))


_KINDS: Final[tuple[tuple[Kind, str], ...]] = (
    (
        "total",
        (
            r"(tổng|cộng)$|tổng (cộng|số|hợp)|(tổng|cộng):|cộng (khối|tổ|nhóm|đoàn|chung|lại|trang)"
            r"|(tổng |cộng |gồm |có ).*\d+ (người|đại biểu|đồng chí|đ/c|ông|ủy viên|uỷ viên)"
            r"|(ấn định )?danh sách (này|gồm|có|trên|ấn|người|đại biểu|cán bộ)"
        ),
    ),
    (
        "signature",
        (
            r"người (lập|ký|kiểm|tổng hợp|báo cáo|duyệt|viết|nhập|soạn|phụ trách)|lập biểu|lập bảng"
            r"|(tm|kt|tl|tuq|t/m|k/t)[./ ]+\S|xác nhận|nơi nhận|ký tên|đã ký|ký[,;]|ký (và|ghi)"
            r"|(.*, )?ngày\b.*\btháng\b|thủ trưởng|(phó )?(trưởng ban|chủ tịch|bí thư|giám đốc)\b"
            r"|chánh văn phòng|(phó )?(trưởng|tổ trưởng) (phòng|đoàn|tổ|khối|tiểu ban)|thư ký\b"
        ),
    ),
    (
        "notes",
        (
            r"ghi chú|(lưu ý|chú ý|chú thích):|kính gửi|độc lập|cộng (hòa|hoà) xã hội|đảng cộng sản"
            r"|số:|v/v|căn cứ|\*|phụ lục|biểu (số|mẫu)|mẫu (số|biểu)|trang \d|(nguồn|đơn vị tính):"
        ),
    ),
    ("heading", r"(stt|tt|họ và tên|họ tên|họ, tên|tên|chức vụ|chức danh)$"),
    (
        "group",
        (
            r"([ivxlc]{1,6}|[a-zđ])[.)]\s+\S|(phần|mục) ([ivx]+|\d+|thứ)\b"
            r"|(tổ|khối|nhóm|cụm|ấp|thôn|xã|phường|huyện|sở)\b|(các|những)\b|(ubnd|hđnd|ubmttq|mttq"
            r"|đbqh|ủy viên|uỷ viên|thành viên|đại biểu|đại diện|lãnh đạo|cán bộ|hội viên|cơ quan"
            r"|đơn vị|thường trực|chi bộ|đảng (bộ|ủy|uỷ|đoàn)|liên đoàn|công đoàn|ủy ban|uỷ ban"
            r"|viện kiểm sát|tòa án|toà án|mặt trận|thành phố|tỉnh (ủy|uỷ|đoàn)|công ty|trung tâm"
            r"|bệnh viện|bộ (chỉ huy|tư lệnh|chính trị)|công an (tỉnh|thành|xã|phường))\b"
            r"|đoàn (đại biểu|đbqh|thanh niên|khối|hội|tỉnh|số|\d)"
            r"|ban (thường|chấp hành|pháp chế|kinh tế|văn hóa|văn hoá|tổ chức|tuyên giáo|nội chính"
            r"|dân vận|dân tộc|kiểm|đô thị|quản lý|chỉ đạo|chỉ huy|giám đốc|công tác|cán sự|đảng)"
            r"|hội (đồng|nông dân|phụ nữ|cựu chiến|chữ thập|luật|liên hiệp|khối)"
            r"|phòng (nội vụ|tài|tổ chức|giáo dục|y tế|văn hóa|văn hoá|tư pháp|tổng hợp|kế|kinh|lao"
            r"|nông|hành|công|số|\d)|văn phòng (hội|ủy|uỷ|tỉnh|huyện|đảng|cấp|quốc|đoàn)"
            r"|trường (đại học|cao đẳng|trung học|thpt|thcs|tiểu học|mầm non|chính trị)"
        ),
    ),
)
# Of lists without marks: a group of one word may be a surname (To, So, Phuong) unless counted.
_COUNTED: Final = r"(to|khoi|nhom|cum|doi|phan) (so )?(\d|[ivx]+\b|dai bieu)"
_PATTERNS: Final = tuple((kind, re.compile(pattern)) for kind, pattern in _KINDS)
_UNMARKED: Final = tuple(
    (kind, re.compile(_COUNTED if kind == "group" else _bare(pattern))) for kind, pattern in _KINDS
)
_OF_GROUPS: Final = frozenset({"block", "managed", "unit", "note"})  # what a heading may have
_MOSTLY = 3, 4  # of the rows have more than a name: the others may be no people
_EDGES: Final = " \t-–—•+(\"“”'"


def kind(text: str) -> Kind | None:
    """What a text is that is no name; None for a name or anything else."""
    line = unicodedata.normalize("NFC", text).casefold().lstrip(_EDGES)
    patterns = _UNMARKED if line.isascii() else _PATTERNS
    return next((kind for kind, pattern in patterns if pattern.match(line)), None)


def number(text: str) -> int | None:
    """A running number; None for a roman one, a letter or a word."""
    match = _NUMBER.fullmatch(text.strip())
    return None if match is None else int(match[1])


def people(
    table: SheetTable, subject: str, filled: AbstractSet[tuple[int, str]], problems: list[Problem]
) -> Iterator[Row]:
    """The rows that are somebody's. One whose number is wrong is among them, with its fault.

    Args:
        subject: the column of the name.
        filled: cells that have their value from a merged one, by row and column.
    """
    # Where something stands in the column of numbers, all people have one.
    numbered = any(row.texts.get(NUMBER) for row in table.rows)
    lonely = set() if numbered else _lonely(table, subject, filled)
    below = False  # whoever stands below a signature signs
    for row in table.rows:
        if row.confirmed:
            yield row
            continue
        key, fault = _nobody(row, subject, filled)
        alone = _is_lonely(row, subject, filled)
        if fault is None and ((below and alone and not numbered) or row.number in lonely):
            key, fault = subject, Fault("row_only_name")
        if fault is not None:
            below = below or fault.code == "row_signature"
            problems.append(table.problem(row, key, fault))
        elif numbered and (fault := _number_fault(row, alone=alone)):
            problems.append(table.problem(row, NUMBER, fault))
            yield replace(row, refused=row.refused | {NUMBER})
        else:
            yield row


def out_of_order(table: SheetTable) -> Problem | None:
    """The first row whose number is not its place in the list, by which people are called here."""
    for place, row in enumerate(table.rows, start=1):
        written = number(row.texts.get(NUMBER, ""))
        if written is not None and written != place:
            return table.problem(row, NUMBER, Fault("number_order", place=place))
    return None


def _number_fault(row: Row, *, alone: bool) -> Fault | None:
    text = row.texts.get(NUMBER, "")
    counted = CONFIRMED not in row.texts and not alone  # of a table of counts: an official's
    if NUMBER in row.refused or number(text) is not None or counted:
        return None
    return Fault("number_wrong" if text else "number_missing")


def _nobody(
    row: Row, subject: str, filled: AbstractSet[tuple[int, str]]
) -> tuple[str, Fault | None]:
    """Why a row is nobody's, and the column of which that is said."""
    name = row.texts[subject]
    if name:
        of_name = kind(name)
        # Much is called as groups are: only where nothing else is in the row is it a heading.
        group = subject == NAME and _is_lonely(row, subject, filled, _OF_GROUPS)
        if of_name is not None and (of_name != "group" or group):
            return subject, Fault(f"row_{of_name}")
        return subject, None
    if subject in row.refused:
        return subject, None
    texts = [(key, text) for key, text in row.texts.items() if text]
    for key, text in texts:
        of_text = kind(text)
        # A position may well be that of who signs, or of a group: where it stands alone, it is.
        lone = len(texts) == 1 and not (of_text == "group" and key == "position")
        if of_text in {"total", "notes"} or (of_text and lone):
            return key, Fault(f"row_{of_text}")
    return subject, None


def _is_lonely(
    row: Row,
    subject: str,
    filled: AbstractSet[tuple[int, str]],
    apart: AbstractSet[str] = frozenset(),
) -> bool:
    """Whether a row has its name alone, apart from some columns."""
    beside = {key for key, text in row.texts.items() if text} | row.refused
    beside -= {NUMBER, subject, *apart}
    return all((row.number, key) in filled for key in beside)


def _lonely(table: SheetTable, subject: str, filled: AbstractSet[tuple[int, str]]) -> set[int]:
    """The rows with a name alone, where nearly all have more."""
    lonely = {
        row.number
        for row in table.rows
        if CONFIRMED in row.texts and _is_lonely(row, subject, filled)
    }
    part, whole = _MOSTLY
    few = len(lonely) * whole <= len(table.rows) * (whole - part)
    return lonely if few and len(table.heads) > 1 else set()

"""Tables of people: found by their header, every fault with its file, row and column."""

import contextlib
import csv
import io
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from admin.prepare import people, workbook
from admin.rules import sheet
from admin.rules.sheet_table import Row, SheetTable, fold
from tests.admin.session.books import HEADER, saved, without_content, xlsx

if TYPE_CHECKING:
    from admin.rules.cells import Problem

CSV = "stt,ho_ten,chuc_vu,don_vi,ngay_sinh,ghi_chu\n"


def read(path: Path) -> tuple[SheetTable, list[str]]:
    problems: list[Problem] = []
    table = sheet.read(path, people.ROSTER, problems, [])
    return table, [without_content(problem.told("en")) for problem in problems]


def rows_of(path: Path) -> tuple[Row, ...]:
    table, problems = read(path)
    assert problems == []
    return table.rows


@pytest.mark.parametrize("name", ["roster.csv", "roster.xlsx", "ROSTER.XLSX", "roster.CSV"])
def test_both_kinds_of_file_say_the_same(tmp_path: Path, name: str):
    row = ("1", "Nguyễn Văn An", "Đại biểu", "Tổ 1", "12/04/1968", "")
    data = xlsx(row) if name.lower().endswith("xlsx") else CSV + ",".join(row)
    (read_row,) = rows_of(saved(tmp_path, name, data))

    assert read_row.number == 2
    assert tuple(read_row.texts.values()) == (*row, "", "")


@pytest.mark.parametrize(
    "heading", ["ho_ten", "HO_TEN", "Họ và tên", "HỌ VÀ TÊN ", "họ  tên", "Ho va ten", "Ho\nten"]
)
def test_a_heading_is_known_however_it_is_written(tmp_path: Path, heading: str):
    decomposed = unicodedata.normalize("NFD", heading)
    for name, spelled in (("a", heading), ("b", decomposed)):
        path = saved(tmp_path, f"{name}.xlsx", xlsx(("An",), header=(spelled,)))
        assert [row.texts["name"] for row in rows_of(path)] == ["An"]


def test_columns_may_stand_in_any_order_and_be_absent(tmp_path: Path):
    (row,) = rows_of(saved(tmp_path, "r.csv", "Ghi chú,Họ và tên\nnghỉ phép,An\n"))

    assert (row.texts["name"], row.texts["note"], row.texts["unit"]) == ("An", "nghỉ phép", "")


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("separator", [",", ";"])
def test_csv_as_spreadsheets_write_it(tmp_path: Path, mark: str, end: str, separator: str):
    lines = ["stt,ho_ten", "1,An", "2,Bình", ",", " , "]
    text = mark + end.join(line.replace(",", separator) for line in lines) + end

    assert [row.texts["name"] for row in rows_of(saved(tmp_path, "r.csv", text))] == ["An", "Bình"]


def test_names_are_composed_and_spaces_are_single(tmp_path: Path):
    name = "  " + unicodedata.normalize("NFD", "Nguyễn\u00a0 Thị\nLệ") + " "
    (row,) = rows_of(saved(tmp_path, "r.xlsx", xlsx((1, name))))

    assert row.texts["name"] == "Nguyễn Thị Lệ"


def test_numbers_are_text(tmp_path: Path):
    (row,) = rows_of(saved(tmp_path, "r.xlsx", xlsx((1.0, "An", 7, None, 1968))))

    assert [row.texts[key] for key in ("number", "position", "birth")] == ["1", "7", "1968"]


def test_a_byte_that_is_not_utf_8_is_named(tmp_path: Path):
    data = CSV.encode() + "1,Nguyễn Thị Nhàn,,,,\n".encode() + b"2,Tr\xff,,,,\n"
    _, problems = read(saved(tmp_path, "roster.csv", data))

    assert problems == [
        "roster.csv: row 3: byte 75 is not UTF-8; save the spreadsheet as CSV UTF-8"
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "r.csv: the file is empty"),
        (",,\n", "r.csv: the file is empty"),
        ("stt,chuc_vu\n1,x\n", "r.csv: row 1: column Họ và tên is missing"),
        ("ho_ten,so_cccd\nAn,1\n", "r.csv: row 1, column B (so_cccd): there is no such column"),
        ("ho_ten,Họ và tên\nAn,B\n", "r.csv: row 1, column B (Họ và tên): this column stands"),
        ("DANH SÁCH\n", "r.csv: row 1: the first row must name the columns, among"),
        ("DANH SÁCH\nstt,ho_ten\n", "r.csv: row 1: the names of the columns stand in row 2"),
        ("ho_ten\nAn,x\n", "r.csv: row 2, column B: a cell outside the table"),
        ("ho_ten\n=1+1\n", "r.csv: row 2, column A (ho_ten): a formula"),
        ("ho_ten\n@SUM(A1)\n", "r.csv: row 2, column A (ho_ten): a formula"),
        ("ho_ten\n+84\n", "r.csv: row 2, column A (ho_ten): a formula"),
        ("ho_ten\nA\u202eB\n", "r.csv: row 2, column A (ho_ten): character U+202E is not allowed"),
        ("ho_ten\nA\x1bB\n", "r.csv: row 2, column A (ho_ten): character U+001B is not allowed"),
        (f"ho_ten\n{'A' * 201}\n", "r.csv: row 2, column A (ho_ten): longer than 200 characters"),
        ('ho_ten\n"An\n', "r.csv: not CSV: "),
        ("\x1b]2;title\x07,ho_ten\nx,An\n", "r.csv: row 1, column A: there is no such column"),
    ],
)
def test_a_problem_has_its_place(tmp_path: Path, text: str, problem: str):
    _, (fault,) = read(saved(tmp_path, "r.csv", text))

    assert fault.startswith(problem)


def test_a_formula_is_named_by_its_cell(tmp_path: Path):
    path = saved(tmp_path, "r.xlsx", xlsx((1, "An"), (2, "=B2")))
    _, (fault,) = read(path)

    assert (
        fault
        == "r.xlsx, sheet “Sheet”: row 3, column B (Họ và tên): a formula; put its value there"
    )


def test_all_problems_are_found_at_once(tmp_path: Path):
    path = saved(tmp_path, "r.xlsx", xlsx((1, "=A"), (2, "A\u202eB"), (3, "C", True), (4, "D")))
    table, problems = read(path)

    assert [fault.split(":")[1] for fault in problems] == [
        " row 2, column B (Họ và tên)",
        " row 3, column B (Họ và tên)",
        " row 4, column C (Chức vụ)",
    ]
    assert [row.number for row in table.rows] == [2, 3, 4, 5]


def test_problems_are_told_in_vietnamese(tmp_path: Path):
    problems: list[Problem] = []
    sheet.read(saved(tmp_path, "r.csv", "ho_ten\n=1\n"), people.ROSTER, problems, [])

    assert problems[0].told("vi") == (
        "r.csv: dòng 2, cột A (ho_ten) “=1”: có công thức; đề nghị thay bằng giá trị"
    )


@pytest.mark.parametrize("name", ["roster.xls", "roster.ods", "roster.docx", "roster"])
def test_another_kind_of_file_is_refused(tmp_path: Path, name: str):
    _, (fault,) = read(saved(tmp_path, name, "ho_ten\nAn\n"))

    assert fault.startswith(f"{name}: this is ")
    assert fault.endswith("save it as Excel Workbook (.xlsx) or CSV UTF-8 (.csv)")


def test_a_text_that_calls_itself_a_workbook_is_refused(tmp_path: Path):
    _, (fault,) = read(saved(tmp_path, "r.xlsx", "ho_ten\nAn\n"))

    assert fault == "r.xlsx: not an .xlsx file, or a damaged one"


def test_a_csv_larger_than_any_roster_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sheet, "MAX_CSV", 10)
    _, (fault,) = read(saved(tmp_path, "r.csv", "ho_ten\nAn\nB\n"))

    assert fault == "r.csv: longer than 10 bytes"


def test_a_missing_file_is_the_operating_systems_error(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Đỗ  Văn HOÀ", "do van hoa"), ("Ngày/Sinh", "ngay sinh"), ("ﬁ_x-1", "fi x 1"), ("…", "")],
)
def test_folding_keeps_letters_and_digits(text: str, folded: str):
    assert fold(text) == folded
    assert fold(unicodedata.normalize("NFD", text)) == folded


# -- round trips ----------------------------------------------------------------------------------

_LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạắằẳẵặấầẩẫậNTHV"
_TEXT = st.lists(st.text(_LETTERS, min_size=1, max_size=8), min_size=1, max_size=5).map(" ".join)
_ROWS = st.lists(
    st.tuples(_TEXT, st.one_of(st.just(""), _TEXT), st.one_of(st.just(""), _TEXT)), max_size=8
)
_ONCE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@_ONCE
@given(rows=_ROWS)
def test_rows_come_back_from_both_kinds_of_file_in_their_order(tmp_path: Path, rows):
    header = (*HEADER, "Xác nhận")  # letters thrown together are words of no language
    lines = [["", *row, "", "", "x"] for row in rows]
    text = io.StringIO()
    csv.writer(text).writerows([header, *lines])
    headings = [workbook.ColumnHead(name, 9) for name in header]
    paths = (
        saved(tmp_path, "r.csv", text.getvalue()),
        saved(tmp_path, "r.xlsx", workbook.write("x", headings, lines)),
    )

    for path in paths:
        texts = [tuple(row.texts[k] for k in ("name", "position", "unit")) for row in rows_of(path)]
        assert texts == [tuple(unicodedata.normalize("NFC", cell) for cell in row) for row in rows]


@_ONCE
@given(data=st.binary(max_size=300), suffix=st.sampled_from(sheet.SUFFIXES))
def test_any_bytes_are_read_or_refused(tmp_path: Path, data: bytes, suffix: str):
    start = b"ho_ten,chuc_vu\n" if suffix == ".csv" else b"PK\x03\x04"
    table, problems = read(saved(tmp_path, f"r{suffix}", start + data))

    assert table.rows or problems or suffix == ".csv"
    for problem in problems:
        with contextlib.suppress(UnicodeEncodeError):
            assert problem.encode()

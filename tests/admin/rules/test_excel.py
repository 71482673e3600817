"""Hostile and odd workbooks: refused by name, or read as what they show."""

import contextlib
import io
import zipfile
from datetime import date, datetime, time

import openpyxl  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.rules import excel
from admin.rules.cells import Fault
from tests.admin.session.books import repacked, unchanged, xlsx

HONEST = xlsx((1, "Lê A", "Đại biểu"))
SHEET = "xl/worksheets/sheet1.xml"


def refusal(data: bytes) -> str:
    with pytest.raises(Fault) as caught:
        excel.read(data)
    return caught.value.code


def with_sheet(old: bytes, new: bytes) -> bytes:
    def change(name: str, contents: bytes) -> bytes:
        if name == SHEET:
            assert old in contents
            return contents.replace(old, new)
        return contents

    return repacked(HONEST, change)


def cell(value: object) -> object:
    """What a cell with this value is read as: the text, or the code of the fault."""
    ((read,),) = (row.cells for row in excel.read(xlsx(header=(value,))).rows)
    return read.code if isinstance(read, Fault) else read


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Lê A", "Lê A"),
        (7, "7"),
        (7.0, "7"),
        (7.5, "7.5"),
        (123456789012, "123456789012"),
        (date(1968, 4, 12), "day_here"),
        (datetime(1968, 4, 12), "day_here"),  # noqa: DTZ001  a spreadsheet has no time zones
        ("=1+1", "formula"),
        ("=HYPERLINK(A1)", "formula"),
        ("#N/A", "not_text"),
        (True, "not_text"),
        (time(8, 30), "not_text"),
    ],
)
def test_a_cell_is_text_or_says_why_not(value: object, expected: str):
    assert cell(value) == expected


def test_rows_have_the_numbers_that_the_spreadsheet_shows():
    data = xlsx((), ("1", "A"), (), (), ("2", "B"), header=("STT", "Họ và tên"))

    assert [row.number for row in excel.read(data).rows] == [1, 3, 6]


def test_formatted_rows_below_the_table_are_not_rows():
    book = openpyxl.Workbook()
    book.active.append(["STT", "Họ và tên"])
    for row in range(2, 500):
        book.active.cell(row, 2).number_format = "@"
        book.active.cell(row, 3, "  " if row == 400 else None)
    target = io.BytesIO()
    book.save(target)

    assert [row.number for row in excel.read(target.getvalue()).rows] == [1]


def test_a_sheet_that_lies_about_its_size_costs_nothing():
    lie = with_sheet(b'<dimension ref="A1:F2"', b'<dimension ref="A1:XFD1048576"')

    assert [row.number for row in excel.read(lie).rows] == [1, 2]


def test_empty_sheets_do_not_matter():
    book = openpyxl.load_workbook(io.BytesIO(HONEST))
    book.create_sheet("Sheet2")
    target = io.BytesIO()
    book.save(target)

    assert excel.read(target.getvalue()) == excel.read(HONEST)


def test_two_sheets_with_contents_are_refused_by_name():
    with pytest.raises(Fault) as caught:
        excel.read(xlsx((1, "A"), sheets=2))

    assert (caught.value.code, caught.value.facts) == ("many_sheets", {"sheets": "Sheet, S1"})


def test_a_workbook_without_a_sheet_is_empty():
    def change(name: str, contents: bytes) -> bytes:
        return b"<x/>" if name == "xl/workbook.xml" else contents

    assert excel.read(repacked(HONEST, change)).rows == ()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_xlsx"),
        (b"PK\x03\x04", "not_xlsx"),
        (b"STT,HO TEN", "not_xlsx"),
        (HONEST[:-30], "not_xlsx"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "other_kind"),
        (bytes(excel.MAX_FILE + 1), "file_too_long"),
        (repacked(HONEST, unchanged, xl_vbaProject__bin=b"x"), "macros"),
        (repacked(HONEST, unchanged, xl_macrosheets_sheet1__xml=b"<x/>"), "macros"),
        (repacked(HONEST, unchanged, xl_externalLinks_link1__xml=b"<x/>"), "external_links"),
    ],
)
def test_what_is_no_plain_workbook_is_refused(data: bytes, code: str):
    assert refusal(data) == code


def test_macros_are_found_whatever_their_file_is_called():
    def change(_: str, contents: bytes) -> bytes:
        plain = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
        macro = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
        return contents.replace(plain, macro)

    assert refusal(repacked(HONEST, change)) == "macros"


def test_a_part_that_stands_twice_is_refused():
    target = io.BytesIO(HONEST)
    with zipfile.ZipFile(target, "a") as package, pytest.warns(UserWarning, match="Duplicate"):
        package.writestr(SHEET, b"<x/>")

    assert refusal(target.getvalue()) == "not_xlsx"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_a_document_type_is_refused_before_a_parser_sees_it(encoding: str):
    laughs = '<!DOCTYPE a [<!ENTITY b "ha">]><a>&b;</a>'.encode(encoding)

    assert refusal(repacked(HONEST, unchanged, xl_more__xml=laughs)) == "document_type"


BOMB = repacked(HONEST, unchanged, xl_media_image1__png=bytes(1 << 21))
TWO_CHUNKS = with_sheet(b"<worksheet", b"<!DOCTYPE x><worksheet")
FAR_BELOW = with_sheet(b'<row r="2"', b'<row r="99999999999"')


@pytest.mark.parametrize(
    ("limit", "value", "data", "code"),
    [
        ("_CHUNK", 8, TWO_CHUNKS, "document_type"),  # a word across two chunks
        ("_MAX_UNPACKED", 1 << 20, BOMB, "unpacked_too_large"),  # by what it says of itself
        ("_MAX_TAGS", 1, HONEST, "unpacked_too_large"),
        ("_MAX_PARTS", 1, HONEST, "unpacked_too_large"),
        ("_MAX_CELLS", 1, HONEST, "unpacked_too_large"),
        ("MAX_ROW", 1, HONEST, "unpacked_too_large"),
        ("MAX_ROW", 5000, FAR_BELOW, "unpacked_too_large"),
    ],
    ids=["chunks", "bomb", "tags", "parts", "cells", "rows", "a row far below"],
)
def test_more_than_a_list_needs_is_refused(
    limit: str, value: int, data: bytes, code: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(excel, limit, value)

    assert len(data) < 20_000
    assert refusal(data) == code


@given(st.binary(max_size=200), st.integers(0, len(HONEST) - 1))
def test_any_damage_is_refused_or_read(junk: bytes, place: int):
    with contextlib.suppress(Fault):
        excel.read(HONEST[:place] + junk + HONEST[place + len(junk) :])

"""The workbooks of a new draft are fit to be filled in, and are read back."""

import io

import openpyxl  # type: ignore[import-untyped]

from admin.prepare import workbook
from admin.rules import excel


def test_what_we_write_is_read_back():
    headings = [workbook.ColumnHead("STT", 6), workbook.ColumnHead("Họ và tên", 28)]
    data = workbook.write("Người", headings, [("1", "Nguyễn Văn An"), ("2", "=1+1")])

    assert [(row.number, row.cells) for row in excel.read(data).rows] == [
        (1, ["STT", "Họ và tên"]),
        (2, ["1", "Nguyễn Văn An"]),
        (3, ["2", "=1+1"]),
    ]


def test_what_we_write_is_fit_to_be_filled_in():
    data = workbook.write("Người", [workbook.ColumnHead("Ngày sinh", 14)], [("03/02/1970",)])
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active

    assert (sheet.title, sheet.freeze_panes) == ("Người", "A2")
    assert sheet.column_dimensions["A"].width == 14
    assert sheet["A1"].font.bold
    assert sheet["A2"].number_format == "@"

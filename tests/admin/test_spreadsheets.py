"""No text in a spreadsheet we write is a formula, whichever program opens it."""

import ast
import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import openpyxl  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.documents import spreadsheet
from admin.prepare import draft, template, workbook
from admin.prepare.workbook import ColumnHead
from admin.rules import csv_text
from admin.rules.cells import csv_bytes
from admin.voting import invite
from admin.voting.invite import Letter

ROOT: Final = Path(__file__).parents[2]
SIGNS: Final = "=+-@\t\r\n＝＋－＠"
HOSTILE: Final = (
    '=HYPERLINK("http://evil.example","x")',
    "+84 900 000 000",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "'=1",
    "＝1",
)
# Every function that makes a CSV or a workbook; whoever adds another shows it to the tests below.
WRITERS: Final = {
    ("admin/rules/cells.py", "csv_bytes"),
    ("admin/prepare/workbook.py", "write"),
    ("admin/documents/spreadsheet.py", "workbook"),
}


def writers() -> Iterator[tuple[str, str]]:
    """The functions of the program that call a CSV writer or make a workbook."""
    for package in ("admin", "bot", "storage", "crypto"):
        for path in (ROOT / package).rglob("*.py"):
            for function in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                    calls = {
                        ast.unparse(call.func).rpartition(".")[2]
                        for call in ast.walk(function)
                        if isinstance(call, ast.Call)
                    }
                    made = calls & {"writer", "DictWriter", "Workbook"}
                    if made:
                        yield str(path.relative_to(ROOT)), function.name


def of_letters(text: str) -> bytes:
    return invite.table([Letter(1, text, {}, "CODE", "https://vote.example", "")])


def of_draft(text: str) -> bytes:
    return csv_bytes([["STT", "Họ và tên"], [1, text]])


def to_fill_in(text: str) -> bytes:
    return workbook.write("Người", [ColumnHead("Họ và tên", 20)], [[text]])


def of_results(text: str) -> bytes:
    return spreadsheet.workbook([("Kết quả", ["Họ và tên", "Số"], [[text, -5]])])


@pytest.mark.slow
def test_every_writer_is_known():
    assert set(writers()) == WRITERS


@pytest.mark.parametrize("write", [of_letters, of_draft])
@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_of_a_csv_is_calculated(write: Callable[[str], bytes], text: str):
    stored = write(text).decode("utf-8-sig")
    _, row = csv.reader(io.StringIO(stored, newline=""))

    assert not [cell for cell in row if cell.startswith(tuple(SIGNS))]
    assert row[1] == f"'{text}"


@pytest.mark.parametrize("write", [to_fill_in, of_results])
@pytest.mark.parametrize("text", [text for text in HOSTILE if "\r" not in text])
def test_no_cell_of_a_workbook_is_calculated(write: Callable[[str], bytes], text: str):
    """The cell is text, and marked so that it stays text when somebody edits it."""
    sheet = openpyxl.load_workbook(io.BytesIO(write(text))).active
    (cell,) = (cell for row in sheet.iter_rows() for cell in row if cell.value == text)

    assert (cell.data_type, cell.number_format, cell.quotePrefix) == ("s", "@", True)


def test_a_number_stays_a_number():
    sheet = openpyxl.load_workbook(io.BytesIO(of_results("x"))).active

    assert (sheet["B2"].value, sheet["B2"].data_type) == (-5, "n")
    assert b",-5\r\n" in csv_bytes([["x", -5]])


@given(st.lists(st.text(st.sampled_from("'a;,\"" + SIGNS), min_size=1), min_size=1))
def test_what_is_written_is_read(row: list[str]):
    """The mark is taken away again, and no apostrophe that was in the text."""
    assert csv_text.read(csv_bytes([["a,b"], row]), 1 << 20, len).rows[1] == row


def test_a_draft_comes_back_as_it_was(tmp_path: Path):
    """A new draft from an earlier one, whose note begins with a dash, read from its CSV."""
    template.new(tmp_path / "a", "people-council", "2026-12-07", "Phieu1Kin2Test3A")
    folder = tmp_path / "a"
    for stem in (draft.OFFICIALS, draft.ROSTER):
        (folder / f"{stem}.xlsx").unlink()
        (folder / "csv" / f"{stem}.csv").rename(folder / f"{stem}.csv")
    roster = folder / f"{draft.ROSTER}.csv"
    heads, first, *others = roster.read_text("utf-8-sig").splitlines()
    cells = first.split(",")
    cells[heads.split(",").index("Ghi chú")] = "- chuyển đến"
    roster.write_text("\n".join([heads, ",".join(cells), *others]), "utf-8")
    earlier = draft.read(folder)
    template.again(tmp_path / "b", earlier, "2026-12-07", "Phieu1Kin2Test3B")
    again = tmp_path / "b" / "csv" / f"{draft.ROSTER}.csv"

    assert "'- chuyển đến" in again.read_text("utf-8-sig")
    (tmp_path / "b" / f"{draft.ROSTER}.xlsx").unlink()
    again.rename(tmp_path / "b" / f"{draft.ROSTER}.csv")
    assert draft.read(tmp_path / "b").roster == earlier.roster

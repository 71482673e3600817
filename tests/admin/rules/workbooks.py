"""Workbooks from a table that can be read: what openpyxl does not write, and nothing else.

Cells are texts between bars. In a workbook
    12, 7.5           is a number
    @1968-04-12       is a date; @@1968-04-12 shows its year alone
    =A1+1 → 2         is a formula with the value that was calculated
    ~~gone~~          is struck out; so may be a part of a text
    TRUE              is a truth value
    #Tổ 1             is the number 1 in a format that writes "Tổ " before it
and in any table ␣ is a blank at the edge of a cell, ¶ a line break.
"""

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from xml.sax.saxutils import escape

from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_STRICT_MAIN: Final = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_STRICT_OFFICE: Final = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_FIRST_DAY: Final = date(1899, 12, 30)  # of the serial numbers of dates
_STRUCK, _DATE, _YEAR, _WORDS = 1, 2, 3, 4  # styles, in the order of styles.xml

_STYLES: Final = """<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy"/>
<numFmt numFmtId="165" formatCode="&quot;Tổ &quot;0"/></numFmts>
<fonts count="2"><font><sz val="11"/></font><font><strike/><sz val="11"/></font></fonts>
<fills count="1"><fill><patternFill patternType="none"/></fill></fills>
<borders count="1"><border/></borders>
<cellStyleXfs count="1"><xf fontId="0"/></cellStyleXfs>
<cellXfs count="5"><xf fontId="0"/><xf fontId="1"/><xf fontId="0" numFmtId="14"/>
<xf fontId="0" numFmtId="164"/><xf fontId="0" numFmtId="165"/></cellXfs>"""


@dataclass(frozen=True)
class Look:
    """How a sheet looks."""

    merged: Sequence[str] = ()
    hidden_rows: Sequence[int] = ()
    hidden_columns: Sequence[int] = ()
    strict: bool = False
    more: str = ""  # of a second sheet


def cells(table: str) -> list[list[str]]:
    """The cells of a table, row by row; an empty line is an empty row."""
    lines = table.strip("\n").split("\n")
    return [
        [cell.strip(" ").replace("␣", " ").replace("¶", "\n") for cell in line.split("|")]
        for line in lines
    ]


def text(table: str, separator: str = ",", end: str = "\r\n") -> str:
    """The same as CSV."""
    target = io.StringIO(newline="")
    rows = [[] if row == [""] else row for row in cells(table)]
    csv.writer(target, delimiter=separator, lineterminator=end).writerows(rows)
    return target.getvalue()


def workbook(table: str, look: Look) -> bytes:
    """The same as a workbook."""
    main, office = (_STRICT_MAIN, _STRICT_OFFICE) if look.strict else (_MAIN, _OFFICE)
    tables = [table, look.more] if look.more else [table]
    numbers = range(1, len(tables) + 1)
    listed = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="r{n}"/>' for n in numbers)
    related = "".join(
        f'<Relationship Id="r{n}" Type="{office}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>'
        for n in numbers
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override '
        f'PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/><Override '
        f'PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{listed}</sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{related}'
        f'<Relationship Id="s" Type="{office}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}">{_STYLES}</styleSheet>',
        "xl/worksheets/sheet1.xml": _sheet(table, look, main),
    }
    if look.more:
        parts["xl/worksheets/sheet2.xml"] = _sheet(look.more, Look(), main)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in parts.items():
            package.writestr(name, part)
    return target.getvalue()


def _sheet(table: str, look: Look, main: str) -> str:
    columns = "".join(f'<col min="{n}" max="{n}" hidden="1"/>' for n in look.hidden_columns)
    rows = "".join(
        f'<row r="{number}" hidden="{int(number in look.hidden_rows)}">'
        + "".join(_cell(number, column, text) for column, text in enumerate(row, 1) if text)
        + "</row>"
        for number, row in enumerate(cells(table), 1)
    )
    merged = "".join(f'<mergeCell ref="{ref}"/>' for ref in look.merged)
    return (
        f'<worksheet xmlns="{main}">'
        + (f"<cols>{columns}</cols>" if columns else "")
        + f"<sheetData>{rows}</sheetData>"
        + (f"<mergeCells>{merged}</mergeCells>" if merged else "")
        + "</worksheet>"
    )


def _cell(row: int, column: int, content: str) -> str:
    place = f'r="{get_column_letter(column)}{row}"'
    if match := re.fullmatch(r"(@@?)(\d{4}-\d\d-\d\d)", content):
        serial = (date.fromisoformat(match[2]) - _FIRST_DAY).days
        return f'<c {place} s="{_DATE if match[1] == "@" else _YEAR}"><v>{serial}</v></c>'
    if match := re.fullmatch(r"=(.*) → (.*)", content):
        number = re.fullmatch(r"\d+", match[2]) is not None
        kind = "" if number else ' t="str"'
        return f"<c {place}{kind}><f>{escape(match[1])}</f><v>{escape(match[2])}</v></c>"
    styled = re.fullmatch(r"#\D+(\d+)|(0|[1-9]\d*(?:[.]\d+)?)", content)
    if styled:
        style = f' s="{_WORDS}"' if styled[1] else ""
        return f"<c {place}{style}><v>{styled[1] or styled[2]}</v></c>"
    if content in {"TRUE", "FALSE"}:
        return f'<c {place} t="b"><v>{int(content == "TRUE")}</v></c>'
    struck = re.split("~~", content)
    if len(struck) == 3 and not struck[0] and not struck[2]:
        return f'<c {place} s="{_STRUCK}" t="inlineStr"><is><t>{escape(struck[1])}</t></is></c>'
    runs = "".join(
        f'<r>{"<rPr><strike/></rPr>" if i % 2 else ""}<t xml:space="preserve">{escape(run)}</t></r>'
        for i, run in enumerate(struck)
        if run
    )
    plain = f'<t xml:space="preserve">{escape(content)}</t>'
    return f'<c {place} t="inlineStr"><is>{runs if len(struck) > 1 else plain}</is></c>'

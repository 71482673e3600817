"""CSV as programs write it: encoding, separator and line ends are found out, never asked.

Excel in Vietnamese writes semicolons, for the comma is its decimal sign; "Unicode Text" is UTF-16
with tabs; "CSV" without UTF-8 is the machine's encoding, Windows-1258 on a Vietnamese one.
"""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from admin.rules import letters
from admin.rules.cells import Fault, unmarked

SEPARATORS: Final = (",", ";", "\t", "|")
_BOMS: Final = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
VIETNAMESE: Final = "cp1258"
_SAMPLE: Final = 4096  # bytes that tell UTF-16 without its mark

Heads = Callable[[Sequence[str]], int]


@dataclass(frozen=True, slots=True)
class CsvText:
    """The rows; the first is row 1, as a spreadsheet numbers them.

    Attributes:
        encoding: what it was read as.
    """

    rows: tuple[list[str], ...]
    encoding: str


def read(data: bytes, limit: int, heads: Heads) -> CsvText:
    """The rows of a CSV text.

    Args:
        data: the file.
        limit: the most bytes that are read.
        heads: how many of the cells of a row are known headings; it tells the separator.

    Raises:
        Fault: longer than ``limit`` bytes, of no known encoding, not CSV, or empty.
    """
    if len(data) > limit:
        raise Fault("file_too_long", limit=limit)
    text, encoding = _decoded(data)
    separator, text = _declared(text)
    try:
        best = _rows(text, separator or _likely(text, heads))
    except csv.Error as error:
        raise Fault("not_csv", reason=error) from None
    if not best:
        raise Fault("file_empty")
    return CsvText(tuple([unmarked(cell) for cell in row] for row in best), encoding)


def _declared(text: str) -> tuple[str, str]:
    """The separator of Excel's line ``sep=;``, which is no row, and the text below it."""
    first = next(iter(io.StringIO(text, newline="")), "")
    line = first.strip("\r\n").strip('"').lower()
    if len(line) == len("sep=;") and line.startswith("sep="):
        return line[-1], text[len(first) :]
    return "", text


def _rows(text: str, separator: str) -> list[list[str]]:
    lines = io.StringIO(text, newline="")
    return list(csv.reader(lines, delimiter=separator, strict=True))


def _likely(text: str, heads: Heads) -> str:
    """The separator under which most headings are known, else the one that cuts most often."""

    def fit(separator: str) -> tuple[int, int]:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        try:
            first = next((row for row in rows if row), [])
        except csv.Error:
            return 0, 0
        return heads(first), len(first)

    return max(SEPARATORS, key=fit)


def _decoded(data: bytes) -> tuple[str, str]:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _strictly(data.removeprefix(mark), encoding), encoding
    if encoding := _utf16(data[:_SAMPLE]):
        return _strictly(data, encoding), encoding
    try:
        return data.decode(), "utf-8"
    except UnicodeDecodeError as error:
        return _of_windows(data, error), VIETNAMESE


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _broken(data, error) from None


def _utf16(sample: bytes) -> str:
    """Every other byte of Western text in UTF-16 is zero."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    few = len(sample) // 8
    if max(even, odd) <= few:
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def _of_windows(data: bytes, error: UnicodeDecodeError) -> str:
    damaged = data.decode(errors="replace")
    broken = damaged.count("�")
    whole = sum(not sign.isascii() for sign in damaged) - broken
    if whole > broken:  # UTF-8 that was damaged
        raise _broken(data, error)
    try:
        return data.decode(VIETNAMESE)
    except UnicodeDecodeError:
        # A byte that Windows-1258 does not have: TCVN3, which is one byte a letter as well.
        letters.check("".join(bytes([byte]).decode("cp1252", "replace") for byte in data))
        raise _broken(data, error) from None


def _broken(data: bytes, error: UnicodeDecodeError) -> Fault:
    row = data.count(b"\n", 0, error.start) + 1
    return Fault("not_utf8", row=row, byte=error.start)

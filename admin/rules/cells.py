"""What a cell of a spreadsheet may hold, and the rows of one saved as CSV text.

A fault is a key of the catalogues (``sheet.…``) with its facts, because the person who must
correct the spreadsheet reads it; ``str(fault)`` is the English detail.
"""

import csv
import io
import unicodedata

from admin.words import Language, words
from crypto.errors import Malformed

# Cc and Cf hold the control and bidirectional characters, Zl and Zp line breaks.
_FORBIDDEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


class BadDraft(Malformed):
    """The files that a session is prepared from have problems; the detail lists them all."""

    code = "bad_draft"


class Fault(ValueError):
    """Something in a file is not as it must be."""

    def __init__(self, code: str, /, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def told(self, lang: Language) -> str:
        """The fault as people read it."""
        return words(f"sheet.{self.code}", lang, **self.facts)

    def __str__(self) -> str:
        return self.told("en")


def phrase(cell: str, limit: int) -> str:
    """The text of a cell: trimmed, composed, on one line, nothing in it that cannot be seen.

    Raises:
        Fault: too long, or a character that could deceive the reader.
    """
    text = unicodedata.normalize("NFC", cell.strip())
    if len(text) > limit:
        raise Fault("too_long", limit=limit)
    for character in text:
        if unicodedata.category(character) in _FORBIDDEN:
            raise Fault("character", code=f"U+{ord(character):04X}")
    return text


def csv_rows(data: bytes, limit: int) -> list[list[str]]:
    """The rows of a CSV text in UTF-8; the first is row 1, as a spreadsheet numbers them.

    Raises:
        Fault: longer than ``limit`` bytes, not UTF-8, not CSV, or empty.
    """
    if len(data) > limit:
        raise Fault("file_too_long", limit=limit)
    try:
        text = data.decode("utf-8-sig")
        first = text.partition("\n")[0]
        # Spreadsheets set to Vietnamese write semicolons, for the comma is their decimal sign.
        separator = ";" if ";" in first and "," not in first else ","
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise Fault("not_utf8", row=row, byte=error.start) from None
    except csv.Error as error:
        raise Fault("not_csv", reason=error) from None
    if not rows:
        raise Fault("file_empty")
    return rows

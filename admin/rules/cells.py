"""What a cell of a spreadsheet may hold, and the rows of one saved as CSV text.

A fault, also one of a TOML file, is a key of the catalogues (``sheet.…``) with its facts, because
the person who must correct the file reads it; ``str(fault)`` is the English detail.
"""

import csv
import io
import unicodedata
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault and where it is; a row or column is None where it is about more than that.

    Attributes:
        column: of a spreadsheet; of a TOML file the key, with the tables it stands in.
    """

    file: str
    row: int | None
    column: str | None
    fault: Fault

    def told(self, lang: Language) -> str:
        """One line: file, row and column, what is wrong."""
        if self.row is None:
            return f"{self.file}: {self.fault.told(lang)}"
        kind = "row" if self.column is None else "cell"
        if self.file.endswith(".toml"):
            kind = "key"
        where = words(f"sheet.{kind}", lang, row=self.row, column=self.column)
        return f"{self.file}: {where}: {self.fault.told(lang)}"


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

"""What a cell of a spreadsheet may hold, and the rows of one as CSV text, read and written.

A fault, also one of a TOML file, is a key of the catalogues (``sheet.…``) with its facts, because
the person who must correct the file reads it; ``str(fault)`` is the English detail.
"""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from admin.details import elsewhere, localized
from admin.words import Language, words
from crypto.errors import Malformed

# Cc and Cf hold the control and bidirectional characters, Zl and Zp line breaks.
# How a text begins that a spreadsheet program would calculate or cut; the wide signs of East Asian
# keyboards are read like the others.
_CALCULATED: Final = tuple("=+-@\t\r\n＝＋－＠")
_MARK: Final = "'"  # before such a text: what spreadsheet programs themselves put there
_QUOTED: Final = 60  # characters of a cell in a message
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
        facts = {
            name: elsewhere(fact, lang) if isinstance(fact, Exception) else fact
            for name, fact in self.facts.items()
        }
        return words(f"sheet.{self.code}", lang, **facts)

    def __str__(self) -> str:
        return self.told("en")


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault and where it is; a row or column is None where it is about more than that.

    Attributes:
        column: of a spreadsheet; of a TOML file the key, with the tables it stands in.
        sheet: of a workbook.
        content: what stands there.
    """

    file: str
    row: int | None
    column: str | None
    fault: Fault
    sheet: str = ""
    content: str = ""

    def told(self, lang: Language) -> str:
        """One line: file, sheet, row and column, what stands there, what is wrong."""
        file = localized(self.file, lang)  # where none is there, the name of the list
        if self.sheet:
            file = words("sheet.of_workbook", lang, file=file, sheet=quoted(self.sheet))
        if self.row is None:
            return f"{file}: {self.fault.told(lang)}"
        kind = "row" if self.column is None else "cell"
        if self.file.endswith(".toml") and self.column is not None:
            kind = "key"
        where = words(f"sheet.{kind}", lang, row=self.row, column=self.column)
        content = f" “{quoted(self.content)}”" if self.content else ""
        return f"{file}: {where}{content}: {self.fault.told(lang)}"


class BadTable(Malformed):
    """A table has problems; the detail lists them all."""

    code = "bad_table"

    def __init__(self, problems: Sequence[Problem], lang: Language) -> None:
        super().__init__(listed(problems, lang))
        self.problems = tuple(problems)


def listed(problems: Sequence[Problem], lang: Language) -> str:
    """All problems, one on a line, below their number."""
    head = words("sheet.problems", lang, number=len(problems))
    return "\n  ".join([head, *(problem.told(lang) for problem in problems)])


def quoted(text: str) -> str:
    """A text of a file, as it may stand on a screen: on one line, short, nothing hidden in it."""
    line = "".join(sign if sign.isprintable() else " " for sign in " ".join(text.split()))
    return line if len(line) <= _QUOTED else f"{line[: _QUOTED - 1]}…"


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


class TextCell(Protocol):
    """What is set of a cell of an openpyxl workbook."""

    data_type: str
    number_format: str
    quotePrefix: bool  # noqa: N815  the name is openpyxl's


def keep_text(cell: TextCell) -> None:
    """Makes the text of a workbook's cell stay text, also when somebody edits the cell."""
    cell.data_type = "s"  # openpyxl takes "=…" for a formula
    cell.number_format = "@"  # or a program turns 03/02/1970 into March
    cell.quotePrefix = True


def csv_bytes(rows: Iterable[Sequence[object]]) -> bytes:
    """CSV in UTF-8 with a byte order mark, without which Excel guesses another encoding.

    A text that a spreadsheet program would calculate gets an apostrophe before it, which
    `unmarked` takes away.
    """
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    for row in rows:
        writer.writerow([_marked(cell) if isinstance(cell, str) else cell for cell in row])
    return target.getvalue().encode("utf-8-sig")


def _marked(text: str) -> str:
    return _MARK + text if text.lstrip(_MARK).startswith(_CALCULATED) else text


def unmarked(text: str) -> str:
    """The text of a cell that `csv_bytes` wrote."""
    marked = text.startswith(_MARK) and text.lstrip(_MARK).startswith(_CALCULATED)
    return text.removeprefix(_MARK) if marked else text

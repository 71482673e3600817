"""What a document is made of, in its order: PDF and DOCX are drawn from the same elements.

An element holds words, never sizes: how large and how wide is said by ``layout``. Cells of a table
hold plain text; a number is aligned by the column it stands in.
"""

from dataclasses import dataclass
from typing import Literal

Align = Literal["left", "center", "right"]
ParagraphKind = Literal["body", "note", "basis", "formula", "address"]


@dataclass(frozen=True, slots=True)
class Banner:
    """White on black across the page: the vote was only an exercise."""

    text: str


@dataclass(frozen=True, slots=True)
class Masthead:
    """What stands at the top: the bodies and the number at the left, State or Party at the right.

    Attributes:
        star: the line under the issuer of a Party document; empty on a State document.
        motto: under the name of the State; empty on a Party document.
        subject: of a letter, which has no title: what it is about, under its number.
    """

    parent: str
    issuer: str
    star: str
    number: str
    nation: str
    motto: str
    date: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Title:
    """The kind of document and under it what it is about; dashes close it on a Party document."""

    name: str
    about: tuple[str, ...]
    dashes: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """Stands before a part and never alone at the foot of a page.

    Attributes:
        hint: what to write under it: a comment of the DOCX, nothing in the PDF.
        apart: whether it begins a page, as an annex does after the signature.
    """

    text: str
    hint: str = ""
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A run of text.

    Attributes:
        lead: bold words before the text.
        kind: ``note`` is set smaller; ``basis`` is slanted, as the grounds of a resolution are;
            ``formula`` is bold and in the middle; ``address`` in the middle.
        sticky: stays on the page of what follows.
    """

    text: str
    lead: str = ""
    kind: ParagraphKind = "body"
    sticky: bool = False


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a table; ``width`` in millimetres, 0 for a share of what is left."""

    width: float
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Head:
    """A cell of the heads, over so many columns and rows."""

    text: str
    across: int = 1
    down: int = 1


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A line across the table that heads the rows after it."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table; its heads stand again on each page.

    Attributes:
        heads: rows of cells, from the left; a cell that reaches down leaves no other below it.
        tall: rows with room for a signature.
        whole: stays on one page, however long.
    """

    columns: tuple[TableColumn, ...]
    heads: tuple[tuple[Head, ...], ...]
    rows: tuple[tuple[str, ...] | GroupRow, ...]
    tall: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Verification:
    """By what the document is compared with the record; the code is for a telephone."""

    lines: tuple[tuple[str, str], ...]
    code: str


@dataclass(frozen=True, slots=True)
class SignaturePlace:
    """Who signs: the lines above the room for the hand, such as TM. and the office; the name.

    Attributes:
        name: empty where the lines stand over the signatures of the rows below.
        strong: how many of the lines are bold; the others are plain.
        hint: under the lines, in brackets: how to sign.
    """

    lines: tuple[str, ...]
    name: str
    strong: int = 9
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Signatures:
    """Rows of signatures side by side; no row is torn apart, and a few rows stay together.

    A row of one goes across the page.

    Attributes:
        sticky: whether a few rows stay on the page of what follows.
    """

    rows: tuple[tuple[SignaturePlace | None, ...], ...]
    sticky: bool = False


@dataclass(frozen=True, slots=True)
class Closing:
    """Who gets the document, and beside them who signs it."""

    label: str
    recipients: tuple[str, ...]
    signature: SignaturePlace


Element = (
    Banner | Masthead | Title | Heading | Paragraph | Table | Verification | Signatures | Closing
)

"""How State and Party bodies lay their documents out: sizes in points, lengths in millimetres.

The table in reference/domain.md §2.5 was read at second hand, not in the two instruments:
Nghị định 30/2020/NĐ-CP for State bodies, Hướng dẫn 05-HD/VPTW (27/5/2026) for Party bodies.
Where it leaves a range, the value here is one inside it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final, Literal

from crypto.encoding import Json

Style = Literal["state", "party"]

PAGE: Final = (210.0, 297.0)  # A4


@dataclass(frozen=True, slots=True)
class Layout:
    """The measures of one style.

    Attributes:
        margins: top, bottom, left, right.
        left: the width of the issuer's half of the masthead.
        pitch: from one base line to the next, in points.
        exact: whether the pitch is a rule, not only a choice.
        rule: as long as the words above it at the top right, in Times New Roman.
        gap: above each paragraph, in points.
        indent: of the first line.
        page: the size of page numbers; ``page_top`` how far under the edge they stand.
        plain_office: whether the office under T/M is set plain, not bold.
        underlined: whether "Nơi nhận" is underlined, not bold and slanted.
        slanted: whether the subject of a letter is.
    """

    margins: tuple[float, float, float, float]
    left: float
    nation: float
    motto: float
    parent: float
    issuer: float
    number: float
    subject: float
    date: float
    title: float
    about: float
    body: float
    pitch: float
    exact: bool
    rule: float
    gap: float
    indent: float
    table: float
    note: float
    signature: float
    label: float
    recipients: float
    page: float
    page_top: float
    plain_office: bool
    underlined: bool
    slanted: bool

    @property
    def width(self) -> float:
        """Of the text, in millimetres."""
        return PAGE[0] - self.margins[2] - self.margins[3]

    def to_json(self) -> Json:
        """What the template reads."""
        measures: dict[str, Json] = {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in asdict(self).items()
        }
        return measures | {"width": self.width}


LAYOUTS: Final[Mapping[Style, Layout]] = {
    "state": Layout(
        margins=(20, 20, 30, 15),
        left=68,
        nation=12,
        motto=13,
        parent=12,
        issuer=12,
        number=13,
        subject=12,
        date=13,
        title=14,
        about=14,
        body=14,
        pitch=19,
        exact=False,
        rule=53,
        gap=6,
        indent=10,
        table=12,
        note=11,
        signature=13,
        label=12,
        recipients=11,
        page=13,
        page_top=10,
        plain_office=False,
        underlined=False,
        slanted=False,
    ),
    "party": Layout(
        margins=(20, 20, 30, 15),
        left=76,
        nation=15,
        motto=0,
        parent=14,
        issuer=14,
        number=14,
        subject=12,
        date=14,
        title=16,
        about=14,
        body=14,
        pitch=20,
        exact=True,
        rule=65,
        gap=6,
        indent=10,
        table=12,
        note=12,
        signature=14,
        label=14,
        recipients=12,
        page=14,
        page_top=10,
        plain_office=True,
        underlined=True,
        slanted=True,
    ),
}

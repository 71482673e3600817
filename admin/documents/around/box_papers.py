"""What goes with ballots of paper, from the empty box to the sealed parcel.

receipts       danh sách ký nhận phiếu, by tổ đại biểu
box            biên bản kiểm tra, niêm phong hòm phiếu
labels         nhãn niêm phong
tally-sheet    bảng kiểm phiếu, for strokes by hand
handover       biên bản niêm phong, bàn giao phiếu, after the count
"""

from collections.abc import Iterator
from typing import Final

from admin.documents import compose, parts
from admin.documents.around import meeting as meetings
from admin.documents.around.meeting import Meeting, Rater, Sitting
from admin.documents.elements import (
    Element,
    GroupRow,
    Head,
    Heading,
    Paragraph,
    SignaturePlace,
    Signatures,
    Table,
    TableColumn,
)
from admin.documents.minutes import Minutes
from admin.documents.wording import Phrases, amount, bare
from admin.words import words
from crypto.errors import Refused

TEN: Final = 10  # strokes in a cell, cells in a line
_LINE: Final = TEN * TEN
_LABEL: Final = 54.0  # millimetres of the column of levels
_PAGE: Final = 16  # rows with room for strokes on a page

_NUMBER = TableColumn(12, "center")


class NoPaperBallots(Refused):
    """A paper about ballots of paper is asked for where none are given out."""

    code = "no_paper_channel"


def receipts(meeting: Meeting) -> list[Element]:
    """Who signs for the ballots, tổ by tổ; the numbers are those of the roster.

    Raises:
        NoPaperBallots: the session has none.
    """
    phrase = _phrases(meeting, "list of receipts")
    each = f"{len(meeting.ballots):02}"
    rows: list[tuple[str, ...] | GroupRow] = []
    for unit, raters in _by_unit(meeting):
        if unit:
            rows.append(GroupRow(phrase("receipts.unit", unit=unit, number=f"{len(raters):02}")))
        rows += [
            (str(number), meetings.named(rater, phrase), rater.position, each, "")
            for number, rater in raters
        ]
    heads = ("number", "name", "position", "ballots", "signature")
    columns = (_NUMBER, TableColumn(0), TableColumn(0), TableColumn(18, "center"), TableColumn(36))
    beside = [Paragraph(phrase("receipts.beside"), kind="note")] if meeting.electronic else []
    return [
        *meetings.top(meeting, phrase, "receipts", numbered=False),
        Paragraph(phrase("receipts.each", number=each), kind="note"),
        *beside,
        Table(
            columns, (tuple(Head(phrase(f"table.{key}")) for key in heads),), tuple(rows), tall=True
        ),
        Paragraph(phrase("receipts.summary", number=amount(len(meeting.raters))), sticky=True),
        _pair(meeting, phrase, phrase("roles.issuer")),
    ]


def box(meeting: Meeting) -> list[Element]:
    """Minutes of looking into the empty box and sealing it.

    Raises:
        NoPaperBallots: the session has none.
    """
    phrase = _phrases(meeting, "minutes of the box")
    facts = meeting.facts
    opening = phrase(
        "box.opening",
        time=phrase.time(None),
        day=phrase.day(meeting.day),
        venue=facts.venue or phrase.blank,
        about=meetings.about(meeting),
    )
    return [
        *_minutes_top(meeting, phrase, "box"),
        Paragraph(opening),
        Heading(phrase.chapter(1, "parts.people")),
        *compose.attending(facts, phrase),
        Heading(phrase.chapter(2, "box.ballots")),
        _printed(meeting, phrase),
        Heading(phrase.chapter(3, "box.box")),
        *(Paragraph(phrase(f"box.{key}")) for key in ("boxes", "empty", "sealed", "key")),
        *_ending(meeting, phrase),
        compose.signatures(facts, phrase),
    ]


def tally_sheet(meeting: Meeting) -> list[Element]:
    """For each official and level room for a stroke per ballot, ten in a cell.

    Raises:
        NoPaperBallots: the session has none.
    """
    phrase = _phrases(meeting, "tally sheet")
    elements = [
        *meetings.top(meeting, phrase, "tally_sheet", numbered=False),
        Paragraph(phrase("tally.how"), kind="note"),
    ]
    for place, (heading, officials) in enumerate(meeting.ballots, start=1):
        if heading:
            elements.append(Heading(phrase("tally.ballot", number=place, heading=heading)))
        elements.append(Paragraph(phrase("tally.collected"), sticky=True))
        elements += [_strokes(meeting, phrase, i) for i in officials]
    signing = tuple(
        SignaturePlace((phrase(f"roles.{key}").upper(),), phrase.blank)
        for key in ("reader", "writer")
    )
    ended = phrase("tally.ended", time=phrase.time(None), day=phrase.day(meeting.day))
    return [*elements, Paragraph(ended, sticky=True), Signatures((signing,))]


def labels(meeting: Meeting) -> list[Element]:
    """A label for the box, for the counted ballots of each kind, for spoiled and unused ones.

    Raises:
        NoPaperBallots: the session has none.
    """
    phrase = _phrases(meeting, "labels")
    parcels = [phrase("labels.counted", kind=kind) for kind in _kinds(meeting, phrase)]
    whose = (meeting.session_file.body, meeting.session_file.title.rstrip("."))
    lines = (*whose, *(phrase(f"labels.{key}") for key in ("number", "when", "signed")))
    rows = tuple((line,) for line in lines)
    return [
        Table((TableColumn(0, "center"),), ((Head(what),),), rows, tall=True, whole=True)
        for what in (phrase("labels.box"), *parcels, phrase("labels.unused"))
    ]


def handover(count: Minutes) -> list[Element]:
    """Minutes of sealing the counted ballots and handing them over.

    Raises:
        NoPaperBallots: none were given out.
    """
    phrase = parts.phrases(count.style, count.regime, count.session_file.body)
    if count.paper is None:
        raise NoPaperBallots("handover: no paper ballots were counted in this session")
    facts = count.facts
    opening = phrase(
        "handover.opening",
        time=phrase.time(None),
        day=phrase.day(count.day),
        venue=facts.venue or phrase.blank,
        about=meetings.about(count),
    )
    return [
        *_minutes_top(count, phrase, "handover"),
        Paragraph(opening),
        Heading(phrase.chapter(1, "parts.people")),
        *compose.attending(facts, phrase),
        Paragraph(phrase("handover.receiver")),
        Heading(phrase.chapter(2, "handover.ballots")),
        _counted(count, phrase),
        *parts.stock(count, phrase),
        *(Paragraph(phrase(f"handover.{key}")) for key in ("parcels", "sealed", "kept")),
        *_ending(count, phrase),
        _pair(count, phrase, phrase("roles.receiver")),
    ]


def _phrases(meeting: Meeting, paper: str) -> Phrases:
    if not meeting.takes_paper:
        raise NoPaperBallots(f"{paper}: the session's channels do not have paper")
    return parts.phrases(meeting.style, meeting.regime, meeting.session_file.body)


def _by_unit(meeting: Meeting) -> Iterator[tuple[str, list[tuple[int, Rater]]]]:
    """The units in the order in which the roster has them, each with its people and numbers."""
    units: dict[str, list[tuple[int, Rater]]] = {}
    for number, rater in enumerate(meeting.raters, start=1):
        units.setdefault(rater.unit, []).append((number, rater))
    yield from units.items()


def _minutes_top(sitting: Sitting, phrase: Phrases, kind: str) -> list[Element]:
    return meetings.top(sitting, phrase, kind, issuer=phrase("body"))


def _printed(meeting: Meeting, phrase: Phrases) -> Table:
    """How many ballots of each kind the committee has got; it writes what is not known."""
    heads = ("kind", "printed", "stamped", "taken")
    columns = (TableColumn(0), *(TableColumn(32, "right") for _ in heads[1:]))
    printed = meeting.facts.printed
    number = "" if printed is None else amount(printed)
    rows = tuple((name, number, "", "") for name in _kinds(meeting, phrase))
    return Table(columns, (tuple(Head(phrase(f"box.{key}")) for key in heads),), rows, tall=True)


def _kinds(meeting: Meeting, phrase: Phrases) -> list[str]:
    return [
        phrase("group", number=place, heading=heading) if heading else phrase("box.one_kind")
        for place, (heading, _) in enumerate(meeting.ballots, start=1)
    ]


def _counted(count: Minutes, phrase: Phrases) -> Table:
    """What is in the parcels, khối by khối."""
    if count.paper is None:
        raise NoPaperBallots("handover: no paper ballots were counted in this session")
    paper = count.paper
    keys = ("issued", "collected", "valid", "invalid")
    columns = (TableColumn(0), *(TableColumn(27, "right") for _ in keys))
    headings = [
        phrase("group", number=place, heading=block.heading)
        for place, block in enumerate(count.blocks, start=1)
    ] or [phrase("box.one_kind")]
    rows = tuple(
        (heading, *map(amount, (paper.issued, pile.collected, pile.valid, pile.invalid)))
        for heading, pile in zip(headings, paper.piles, strict=True)
    )
    heads = (Head(phrase("box.kind")), *(Head(phrase(f"ballots.{key}")) for key in keys))
    return Table(columns, (heads,), rows)


def _strokes(meeting: Meeting, phrase: Phrases, i: int) -> Table:
    """One official's table, short enough to stay on a page: lines of a hundred for each level."""
    lines = max(1, -(-len(meeting.raters) // _LINE))
    rows: list[tuple[str, ...]] = []
    for label in (*meeting.regime.labels_in("vi"), words("levels.blank", "vi")):
        rows.append((label, *[""] * TEN, ""))
        for line in range(1, lines):
            on = phrase("tally.on", level=label, first=line * _LINE + 1, last=(line + 1) * _LINE)
            rows.append((on, *[""] * TEN, ""))
    tens = tuple(Head(str(TEN * (place + 1))) for place in range(TEN))
    columns = (TableColumn(_LABEL), *(TableColumn(10) for _ in tens), TableColumn(0, "right"))
    person = phrase("group", number=i + 1, heading=phrase.person(meetings.person(meeting, i)))
    whose = Head(person, across=len(columns))
    heads = (Head(phrase("tally.level")), *tens, Head(phrase("tally.sum")))
    return Table(columns, ((whose,), heads), tuple(rows), tall=True, whole=len(rows) <= _PAGE)


def _ending(sitting: Sitting, phrase: Phrases) -> list[Element]:
    copies = phrase("short_blank") if sitting.facts.copies is None else f"{sitting.facts.copies:02}"
    text = phrase("minutes.closing", time=phrase.time(None), copies=copies)
    return [Paragraph(text, sticky=True)]


def _pair(sitting: Sitting, phrase: Phrases, left: str) -> Signatures:
    """Somebody at the left, the committee's head at the right."""
    committee = sitting.facts.committee
    head = bare(committee[0].name) if committee else phrase.blank
    right = SignaturePlace((phrase("roles.committee_head").upper(),), head)
    return Signatures(((SignaturePlace((left.upper(),), phrase.blank), right),))

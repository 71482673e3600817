"""A meeting before anybody has voted: who is rated, who votes, who counts, by what rules.

From it are made the papers of the meeting itself (`submissions`, `script`, `box_papers`). It is
known from the draft on; what is not entered yet is a dotted line, or the paper says what it lacks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Final, Literal

from admin.documents import parts
from admin.documents.elements import Closing, Element, Paragraph, SignaturePlace
from admin.documents.facts import MeetingFacts, Participant
from admin.documents.layout import Style
from admin.documents.minutes import Minutes, style_of
from admin.documents.wording import Phrases, bare, cited, in_full
from admin.record.session_file import SessionFile
from admin.rules.regime import Regime
from crypto.session import Official, Policy
from storage.rows import PAPER

Organ = Literal["assembly", "council", "executive", "front", "conference"]

_EXECUTIVES: Final = ("ban chấp hành", "tỉnh ủy", "thành ủy", "đảng ủy", "huyện ủy")
_ORGANS: Final[tuple[tuple[str, Organ], ...]] = (
    ("quốc hội", "assembly"),
    ("hội đồng nhân dân", "council"),
    ("ủy ban mặt trận tổ quốc", "front"),
    ("ban chấp hành chi bộ", "conference"),  # it has no Ban Thường vụ
    *((start, "executive") for start in _EXECUTIVES),
)
_MINUTES: Final = ("box", "handover")  # biên bản: no place and date at the top
_RATED: Final = " đối với "
_PEOPLE: Final = ("người", "đồng chí", "cán bộ", "đại biểu")  # what a number can stand before
# How an office is signed under the name of the body for which it signs.
_OFFICES: Final = ("Chủ tịch", "Phó Chủ tịch", "Bí thư", "Phó Bí thư", "Trưởng ban")


@dataclass(frozen=True, slots=True)
class Rater:
    """Somebody of the roster; what is not known is empty."""

    name: str
    position: str = ""
    unit: str = ""
    honorific: str = ""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A session whose papers are made before the vote.

    Attributes:
        officials: who is rated, in the order of the ballot.
        raters: who is summoned, in the order of the roster.
    """

    facts: MeetingFacts
    session_file: SessionFile
    regime: Regime
    policy: Policy
    officials: tuple[Official, ...]
    raters: tuple[Rater, ...]

    @property
    def day(self) -> date:
        """The day of the vote."""
        return date.fromisoformat(self.session_file.date)

    @property
    def dated(self) -> date:
        """The day of the papers."""
        return self.facts.dated or self.day

    @property
    def style(self) -> Style:
        """As for the minutes."""
        return style_of(self.facts, self.regime)

    @property
    def rehearsal(self) -> bool:
        """Whether the vote is only an exercise."""
        return self.policy.rehearsal

    @property
    def takes_paper(self) -> bool:
        """Whether paper ballots are given out."""
        return PAPER in self.policy.channels

    @property
    def electronic(self) -> bool:
        """Whether people vote electronically, all or some of them."""
        return any(channel != PAPER for channel in self.policy.channels)

    @property
    def ballots(self) -> tuple[tuple[str, range], ...]:
        """Each ballot: the heading of its khối, empty if there is one for all; its officials."""
        blocks = self.session_file.blocks
        if not blocks:
            return (("", range(len(self.officials))),)
        ends = list(accumulate(block.officials for block in blocks))
        return tuple(
            (block.heading, range(end - block.officials, end))
            for block, end in zip(blocks, ends, strict=True)
        )


Sitting = Meeting | Minutes  # what the words below are taken from


def phrases(sitting: Sitting) -> Phrases:
    """The words of its papers."""
    return parts.phrases(sitting.style, sitting.regime, sitting.session_file.body)


def organ(sitting: Sitting) -> Organ:
    """What the body is, by its name; a conference if it is none that the papers know."""
    name = sitting.session_file.body.casefold()
    return next((kind for start, kind in _ORGANS if name.startswith(start)), "conference")


def standing(sitting: Sitting, phrase: Phrases) -> str:
    """Who submits to the body and writes for it between its meetings."""
    kind = organ(sitting)
    return phrase(
        f"standing.conference_{phrase.style}" if kind == "conference" else f"standing.{kind}"
    )


def gathering(sitting: Sitting, phrase: Phrases) -> str:
    """Kỳ họp thứ 17; kỳ họp where nobody has entered a number."""
    number = sitting.session_file.sitting
    return phrase(f"sitting.{phrase.gathers}", number=number) if number else phrase("meeting_alone")


def body(sitting: Sitting, phrase: Phrases) -> str:
    """The body with its khóa and nhiệm kỳ, where they are known."""
    file = sitting.session_file
    name = f"{file.body} {convocation(sitting, phrase)}".rstrip()
    return f"{name}, {phrase('sitting.term', years=file.term)}" if file.term else name


def at_meeting(sitting: Sitting, phrase: Phrases) -> str:
    """Tại Kỳ họp thứ 17, Hội đồng nhân dân …; only the body's name where it is a conference."""
    name = body(sitting, phrase)
    if name.startswith(parts.CONFERENCE):
        return name
    return phrase("at_meeting", gathering=gathering(sitting, phrase), body=name)


def convocation(sitting: Sitting, phrase: Phrases) -> str:
    """Khóa X; empty where nobody has entered it."""
    number = sitting.session_file.convocation
    return phrase("sitting.convocation", number=number) if number else ""


def capital(text: str) -> str:
    """The text at the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def about(sitting: Sitting) -> str:
    """The title of the vote inside a sentence."""
    title = sitting.session_file.title.rstrip(".")
    return title[:1].lower() + title[1:]


def counted_about(sitting: Sitting) -> str:
    """The same with the number of those who are rated: … đối với 29 người giữ chức vụ ….

    One alone is not counted: đối với đồng chí Bí thư.
    """
    number, text = f"{len(sitting.officials):02}", about(sitting)
    if len(sitting.officials) == 1:
        return text
    before, _, after = text.partition(_RATED)
    people = after.removeprefix("các ")
    if people.startswith(_PEOPLE):
        return f"{before}{_RATED}{number} {people}"
    return f"{text} ({number} {_PEOPLE[0]})"


def person(sitting: Sitting, i: int) -> Participant:
    """Official i of the ballot, counted from 0."""
    official, honorifics = sitting.officials[i], sitting.session_file.honorifics
    return Participant(official.name, official.position, honorifics[i] if honorifics else "")


def named(somebody: Participant | Rater, phrase: Phrases) -> str:
    """The name as it is addressed, without the office."""
    return phrase.person(Participant(somebody.name, "", somebody.honorific))


def basis(sitting: Sitting, phrase: Phrases, *more: str) -> list[Element]:
    """What the paper rests on, a line each: as entered, else the regulation of the vote.

    Args:
        more: lines that only this paper has.
    """
    return grounds([*(sitting.facts.basis or (in_full(sitting.regime),)), *more], phrase)


def grounds(lines: Sequence[str], phrase: Phrases) -> list[Element]:
    """Căn cứ, a line each; in a State paper the last ends in a full stop (Nghị định 30/2020)."""
    keys = ["line"] * (len(lines) - 1) + [f"last_{phrase.style}"]
    texts = [phrase(f"basis.{k}", text=cited(line)) for k, line in zip(keys, lines, strict=True)]
    return [Paragraph(text, kind="basis") for text in texts]


def address(phrase: Phrases, name: str) -> Element:
    """Kính gửi."""
    return Paragraph(phrase("address", name=name), kind="address")


def top(
    sitting: Sitting,
    phrase: Phrases,
    kind: str,
    *,
    issuer: str | None = None,
    lines: Sequence[str] | None = None,
    numbered: bool = True,
) -> list[Element]:
    """Masthead and title of a paper.

    Args:
        kind: its key among the papers, that of its name and its number.
        issuer: under the body's name; None where the body itself issues it.
        lines: under the title; None for the title of the vote.
        numbered: whether such papers get a number.
    """
    above, name = parts.issuer(sitting.facts, sitting.session_file.body, sitting.style)
    number = (sitting.facts.number(kind) or phrase("short_blank")) if numbered else None
    masthead = parts.masthead(
        phrase,
        sitting.facts,
        parent=name if issuer else above,
        issuer=issuer or name,
        number=number,
        date="" if kind in _MINUTES else phrase.day(sitting.dated),
    )
    under = (sitting.session_file.title.rstrip("."),) if lines is None else tuple(lines)
    return parts.top(phrase, masthead, f"names.{kind}", under, rehearsal=sitting.rehearsal)


def closing(
    sitting: Sitting, phrase: Phrases, lines: Sequence[str], *, addressed: bool = True
) -> Closing:
    """Recipients, and the chair's signature under these lines.

    Args:
        addressed: whether the paper goes to whom it is addressed; else to the recipients of the
            reports.
    """
    chair = sitting.facts.chair
    entered = sitting.facts.recipients or (phrase.blank,)
    to = [phrase("recipients.above"), phrase(f"recipients.kept_{phrase.style}")]
    *names, last = to if addressed else [name.rstrip(";.") for name in entered]
    recipients = [phrase("recipients.line", name=name) for name in names]
    recipients.append(phrase("recipients.last", name=last))
    upper = tuple(line.upper() for line in lines)
    strong = 1 if phrase.style == "party" else len(upper)
    place = SignaturePlace(upper, bare(chair.name) if chair else phrase.blank, strong)
    return Closing(phrase("recipients.label"), tuple(recipients), place)


def for_standing(sitting: Sitting, phrase: Phrases) -> tuple[str, ...]:
    """Over the signature: TM. THƯỜNG TRỰC HỘI ĐỒNG NHÂN DÂN, CHỦ TỊCH; the chair's where none."""
    if organ(sitting) == "conference":
        return (phrase(f"roles.chair_{phrase.style}"),)
    for_whom = phrase(f"on_behalf.{phrase.style}", organ=standing(sitting, phrase))
    return (for_whom, office(sitting, phrase))


def office(sitting: Sitting, phrase: Phrases) -> str:
    """The chair's office as it is signed; a dotted line where it is not known."""
    role = sitting.facts.chair.role if sitting.facts.chair else ""
    signed = [name for name in _OFFICES if role.casefold().startswith(name.casefold())]
    return signed[0] if signed else phrase("short_blank")

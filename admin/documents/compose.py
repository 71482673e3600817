"""Each kind of paper as a sequence of blocks, from which PDF and DOCX are drawn alike.

minutes        biên bản kiểm phiếu, signed by the committee
report         báo cáo kết quả, to the body and the office above
announcement   what is read out at the meeting
press          names, counts and percentages for the public, nothing of the committee
attendance     who is summoned, with a place to sign
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from admin.documents import parts
from admin.documents.blocks import (
    Banner,
    Block,
    Column,
    Head,
    Heading,
    Paragraph,
    Signature,
    Signatures,
    Table,
    Title,
)
from admin.documents.facts import Facts, Person
from admin.documents.layout import Style
from admin.documents.minutes import Minutes, style_of
from admin.documents.wording import Voice, amount, bare
from admin.rules.regime import Regime
from admin.words import words

_ROLES: Final = ("head", "secretary", "member")
_ROW: Final = 2  # signatures side by side: room for a name, and for a hand above it


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who is summoned, in the order of the roster; known before anybody votes.

    Attributes:
        people: names, with position and unit where they are known.
    """

    facts: Facts
    regime: Regime
    body: str
    title: str
    day: date
    people: tuple[Person, ...]
    rehearsal: bool = False

    @property
    def style(self) -> Style:
        """As for the minutes."""
        return style_of(self.facts, self.regime)


def minutes(said: Minutes) -> list[Block]:
    """The minutes of the count."""
    say, facts = parts.voice(said.style, said.regime), said.facts
    opening = say(
        "minutes.opening",
        time=say.time(facts.start),
        day=say.day(said.day),
        venue=facts.venue or say.blank,
        title=said.title.rstrip("."),
    )
    chapters: list[tuple[str, list[Block]]] = [
        ("people", _committee(said, say)),
        ("delegates", parts.attendance(said, say)),
        ("ballots", parts.ballots(said, say)),
        ("results", parts.results(said, say)),
        ("findings", parts.findings(said, say)),
        ("excluded", parts.excluded(said, say)),
        ("events", _events(said, say)),
        ("verification", parts.verification(said, say)),
    ]
    return [
        *_top(said, say, "minutes", (_about(said.title),)),
        Paragraph(opening),
        *_numbered(say, chapters),
        *_ending(said, say),
        *_signatures(said, say),
    ]


def report(said: Minutes) -> list[Block]:
    """The result report, in the words of the annex that was read (domain.md §2.2)."""
    say, facts = parts.voice(said.style, said.regime), said.facts
    opening = say(
        "report.opening",
        body=said.body,
        time=say.time(facts.start),
        day=say.day(said.day),
        venue=facts.venue or say.blank,
        number=amount(len(facts.committee)) if facts.committee else say("short_blank"),
        head=say.addressed(facts.committee[0].name) if facts.committee else say.blank,
        present=amount(said.attending),
        officials=amount(len(said.officials)),
    )
    chapters: list[tuple[str, list[Block]]] = [
        ("delegates", parts.attendance(said, say)),
        ("ballots", parts.ballots(said, say)),
        ("results", parts.results(said, say)),
        ("findings", parts.findings(said, say)),
        ("excluded", parts.excluded(said, say)),
        ("verification", parts.verification(said, say)),
    ]
    about = (say("about.report"), _about(said.title))
    return [
        *_top(said, say, "report", about),
        Paragraph(opening),
        *_numbered(say, chapters),
        parts.closing(said.facts, say),
    ]


def announcement(said: Minutes) -> list[Block]:
    """What the head of the committee reads out."""
    say = parts.voice(said.style, said.regime)
    chapters: list[tuple[str, list[Block]]] = [
        ("delegates", parts.attendance(said, say)),
        ("ballots", parts.ballots(said, say)),
        ("results", parts.results(said, say, blanks=False)),
        ("verification", parts.verification(said, say)),
    ]
    return [
        *_top(said, say, "announcement", (_about(said.title),)),
        Paragraph(say("announcement.opening")),
        *_numbered(say, chapters),
        parts.closing(said.facts, say),
    ]


def press(said: Minutes) -> list[Block]:
    """For the public: no committee, no incidents, no findings."""
    say = parts.voice(said.style, said.regime)
    day = say.day(said.day)
    opening = say(
        "press.opening",
        day=day[0].upper() + day[1:],
        body=said.body,
        officials=amount(len(said.officials)),
    )
    return [
        *_plain_top(said, say, "press"),
        Paragraph(opening),
        *parts.turnout(said, say),
        *parts.ballots(said, say),
        *parts.results(said, say, blanks=False),
        *parts.verification(said, say),
    ]


def attendance(said: Attendance) -> list[Block]:
    """The list of those summoned; whoever is excused is marked, the others sign."""
    say = parts.voice(said.style, said.regime)
    excused = {one.name: one.role for one in said.facts.excused or ()}
    heads = ("number", "name", "details", "signature")
    rows = [
        (
            str(number),
            person.name,
            person.role,
            say("table.excused", reason=excused[person.name]) if person.name in excused else "",
        )
        for number, person in enumerate(said.people, start=1)
    ]
    columns = (Column(12, "center"), Column(0), Column(0), Column(38))
    summary = say("attendance.summary", number=amount(len(rows)))
    chair = said.facts.chair
    office = say(f"roles.chair_{say.style}").upper()
    return [
        *_plain_top(said, say, "attendance"),
        Table(
            columns, (tuple(Head(say(f"table.{key}")) for key in heads),), tuple(rows), tall=True
        ),
        Paragraph(summary, held=True),
        Signatures(((None, Signature((office,), bare(chair.name) if chair else say.blank)),)),
    ]


COMPOSERS: Final[Mapping[str, Callable[[Minutes], list[Block]]]] = {
    "minutes": minutes,
    "report": report,
    "announcement": announcement,
    "press": press,
}


KINDS: Final = (*COMPOSERS, "attendance")
NUMBERED: Final = ("minutes", "report", "announcement")  # the others get no number


def wanted(kind: str) -> tuple[str, ...]:
    """The facts that a paper of this kind has a place for."""
    return _WANTED[kind]


_WANTED: Final[Mapping[str, tuple[str, ...]]] = {
    "minutes": (
        *("town", "venue", "start", "end", "committee", "witnesses", "chair"),
        *("complaints", "copies", "adopted"),
    ),
    "report": ("town", "venue", "start", "committee", "recipients"),
    "announcement": ("town", "committee", "recipients"),
    "press": ("town",),
    "attendance": ("town", "chair"),
}


def _top(said: Minutes, say: Voice, kind: str, about: tuple[str, ...]) -> list[Block]:
    facts = said.facts
    parent, issuer = facts.parent, facts.issuer
    if parent is None and issuer is None:
        parent, issuer = said.body, say("body")
    top = parts.masthead(
        say,
        facts,
        parent=parent or "",
        issuer=issuer or say("body"),
        number=facts.number(kind) or say("short_blank"),
        date=say.day(said.dated),
    )
    title = Title(say(f"names.{kind}").upper(), about, _dashes(say))
    banner = [Banner(words("cli.audit.rehearsal", "vi"))] if said.rehearsal else []
    return [*banner, top, title]


def _plain_top(said: Minutes | Attendance, say: Voice, kind: str) -> list[Block]:
    """The top of a paper of the body itself, without a number."""
    facts, date = said.facts, say.day(said.facts.dated or said.day)
    top = parts.masthead(say, facts, parent="", issuer=said.body, number=None, date=date)
    title = Title(say(f"names.{kind}").upper(), (_about(said.title),), _dashes(say))
    banner = [Banner(words("cli.audit.rehearsal", "vi"))] if said.rehearsal else []
    return [*banner, top, title]


def _dashes(say: Voice) -> str:
    return say("dashes") if say.style == "party" else ""


def _about(title: str) -> str:
    return title.rstrip(".")


def _numbered(say: Voice, chapters: Sequence[tuple[str, list[Block]]]) -> list[Block]:
    """The parts that have something to say, numbered."""
    made: list[Block] = []
    full = [(key, blocks) for key, blocks in chapters if blocks]
    for number, (key, blocks) in enumerate(full, start=1):
        made += [Heading(say.part(number, key)), *blocks]
    return made


def _committee(said: Minutes, say: Voice) -> list[Block]:
    facts = said.facts
    made: list[Block] = []
    if facts.committee:
        made.append(Paragraph(say("minutes.committee", number=f"{len(facts.committee):02}")))
        made += _people(facts.committee, say)
    else:
        made.append(Paragraph(say("minutes.committee_unknown")))
        made += _people(_nobody(say), say)
    if facts.witnesses == ():
        made.append(Paragraph(say("minutes.no_witnesses")))
    else:
        made.append(Paragraph(say("minutes.witnesses")))
        made += _people(facts.witnesses or (Person(say.blank),), say)
    chair = say.person(facts.chair) if facts.chair else say.blank
    return [*made, Paragraph(say("minutes.chair", person=chair))]


def _nobody(say: Voice) -> tuple[Person, ...]:
    """Lines for a committee that nobody has entered."""
    return tuple(Person(say.blank, say(f"roles.{role}")) for role in _ROLES)


def _people(people: tuple[Person, ...], say: Voice) -> list[Block]:
    lines = [say("minutes.person", person=say.person(one)) for one in people[:-1]]
    lines.append(say("minutes.last_person", person=say.person(people[-1])))
    return [Paragraph(line) for line in lines]


def _events(said: Minutes, say: Voice) -> list[Block]:
    made: list[Block] = []
    if said.amendments:
        made.append(Paragraph(say("minutes.amendments")))
    for one in said.amendments:
        numbers = {"number": one.number, "added": one.added, "removed": one.removed}
        reason = one.reason.rstrip(".")
        made.append(Paragraph(say("minutes.amendment", **numbers, reason=reason)))
    made += _listed(said.journal, say, "journal")
    complaints = said.facts.complaints
    if complaints is None:
        return [*made, Paragraph(say("minutes.unknown_complaints"))]
    return [*made, *_listed(complaints, say, "complaints")]


def _listed(lines: tuple[str, ...], say: Voice, key: str) -> list[Block]:
    if not lines:
        return [Paragraph(say(f"minutes.no_{key}"))]
    told = [say("minutes.last_person", person=line.rstrip(".")) for line in lines]
    return [Paragraph(say(f"minutes.{key}")), *(Paragraph(line) for line in told)]


def _ending(said: Minutes, say: Voice) -> list[Block]:
    facts = said.facts
    copies = say("short_blank") if facts.copies is None else f"{facts.copies:02}"
    closing = say("minutes.closing", time=say.time(facts.end), copies=copies)
    adopted = say("minutes.adopted" if facts.adopted else "minutes.not_adopted")
    return [Paragraph(closing, held=True), Paragraph(adopted, held=True)]


def _signatures(said: Minutes, say: Voice) -> list[Block]:
    """The committee's head at the right, who writes beside him; then members; then the chair."""
    facts = said.facts
    people = facts.committee or _nobody(say)
    head, *others = [_signs(one, say("roles.member")) for one in people]
    first = others.pop(0) if others else None
    rows: list[tuple[Signature | None, ...]] = [(first, head)]
    rows += _in_rows(others)
    witnesses = facts.witnesses or ()
    chair = facts.chair or Person(say.blank)
    ending = [_signs(Person(one.name), say("roles.witness")) for one in witnesses]
    ending.append(_signs(Person(chair.name), say(f"roles.chair_{say.style}")))
    rows += [row if len(row) == _ROW else (None, *row) for row in _in_rows(ending)]
    return [Signatures(tuple(rows))]


def _in_rows(signatures: Sequence[Signature]) -> list[tuple[Signature | None, ...]]:
    return [tuple(signatures[i : i + _ROW]) for i in range(0, len(signatures), _ROW)]


def _signs(person: Person, role: str) -> Signature:
    return Signature(((person.role or role).upper(),), bare(person.name))

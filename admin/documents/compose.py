"""Each kind of document as a sequence of elements, from which PDF and DOCX are drawn alike.

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
from admin.documents.elements import (
    Element,
    Head,
    Paragraph,
    SignaturePlace,
    Signatures,
    Table,
    TableColumn,
)
from admin.documents.facts import MeetingFacts, Participant
from admin.documents.layout import Style
from admin.documents.minutes import Minutes, style_of
from admin.documents.wording import Phrases, amount, bare
from admin.record.session_file import SessionFile
from admin.rules.regime import Regime

_ROLES: Final = ("head", "secretary", "member")
_ROW: Final = 2  # signatures side by side: room for a name, and for a hand above it


@dataclass(frozen=True, slots=True)
class AttendanceList:
    """Who is summoned, in the order of the roster; known before anybody votes.

    Attributes:
        people: names, with position and unit where they are known.
    """

    facts: MeetingFacts
    session_file: SessionFile
    regime: Regime
    people: tuple[Participant, ...]
    rehearsal: bool = False

    @property
    def day(self) -> date:
        """The day of the vote."""
        return date.fromisoformat(self.session_file.date)

    @property
    def style(self) -> Style:
        """As for the minutes."""
        return style_of(self.facts, self.regime)


def minutes(count: Minutes) -> list[Element]:
    """The minutes of the count."""
    phrase, facts = parts.phrases(count.style, count.regime), count.facts
    opening = phrase(
        "minutes.opening",
        time=phrase.time(facts.start),
        day=phrase.day(count.day),
        venue=facts.venue or phrase.blank,
        title=count.session_file.title.rstrip("."),
    )
    chapters: list[tuple[str, list[Element]]] = [
        ("people", attending(count.facts, phrase)),
        ("delegates", parts.attendance(count, phrase)),
        ("ballots", [*parts.ballots(count, phrase), *parts.counted(count, phrase)]),
        ("results", parts.results(count, phrase)),
        ("findings", parts.findings(count, phrase)),
        ("excluded", parts.excluded(count.session_file, phrase)),
        ("events", _events(count, phrase)),
        ("verification", parts.verification(count, phrase)),
    ]
    return [
        *_top(count, phrase, "minutes", (_about(count.session_file.title),)),
        Paragraph(opening),
        *parts.numbered(phrase, "parts", chapters),
        *_ending(count, phrase),
        signatures(count.facts, phrase),
    ]


def report(count: Minutes) -> list[Element]:
    """The result report, in the words of the annex that was read (domain.md §2.2)."""
    phrase, facts = parts.phrases(count.style, count.regime), count.facts
    opening = phrase(
        "report.opening",
        body=count.session_file.body,
        time=phrase.time(facts.start),
        day=phrase.day(count.day),
        venue=facts.venue or phrase.blank,
        number=amount(len(facts.committee)) if facts.committee else phrase("short_blank"),
        head=phrase.addressed(facts.committee[0].name) if facts.committee else phrase.blank,
        present=amount(count.attending),
        officials=amount(len(count.officials)),
    )
    chapters: list[tuple[str, list[Element]]] = [
        ("delegates", parts.attendance(count, phrase)),
        ("ballots", parts.ballots(count, phrase)),
        ("results", parts.results(count, phrase)),
        ("findings", parts.findings(count, phrase)),
        ("excluded", parts.excluded(count.session_file, phrase)),
        ("verification", parts.verification(count, phrase)),
    ]
    about = (phrase("about.report"), _about(count.session_file.title))
    return [
        *_top(count, phrase, "report", about),
        Paragraph(opening),
        *parts.numbered(phrase, "parts", chapters),
        parts.closing(count.facts, phrase),
    ]


def announcement(count: Minutes) -> list[Element]:
    """What the head of the committee reads out."""
    phrase = parts.phrases(count.style, count.regime)
    chapters: list[tuple[str, list[Element]]] = [
        ("delegates", parts.attendance(count, phrase)),
        ("ballots", parts.ballots(count, phrase)),
        ("results", parts.results(count, phrase, blanks=False)),
        ("verification", parts.verification(count, phrase)),
    ]
    return [
        *_top(count, phrase, "announcement", (_about(count.session_file.title),)),
        Paragraph(phrase("announcement.opening")),
        *parts.numbered(phrase, "parts", chapters),
        parts.closing(count.facts, phrase),
    ]


def press(count: Minutes) -> list[Element]:
    """For the public: no committee, no incidents, no findings."""
    phrase = parts.phrases(count.style, count.regime)
    day = phrase.day(count.day)
    opening = phrase(
        "press.opening",
        day=day[0].upper() + day[1:],
        body=count.session_file.body,
        officials=amount(len(count.officials)),
    )
    return [
        *_plain_top(count, phrase, "press"),
        Paragraph(opening),
        *parts.turnout(count, phrase),
        *parts.ballots(count, phrase),
        *parts.results(count, phrase, blanks=False),
        *parts.verification(count, phrase),
    ]


def attendance(roster: AttendanceList) -> list[Element]:
    """The list of those summoned; whoever is excused is marked, the others sign."""
    phrase = parts.phrases(roster.style, roster.regime)
    excused = {person.name: person.role for person in roster.facts.excused or ()}
    heads = ("number", "name", "details", "signature")
    rows = [
        (
            str(number),
            person.name,
            person.role,
            phrase("table.excused", reason=excused[person.name]) if person.name in excused else "",
        )
        for number, person in enumerate(roster.people, start=1)
    ]
    columns = (TableColumn(12, "center"), TableColumn(0), TableColumn(0), TableColumn(38))
    summary = phrase("attendance.summary", number=amount(len(rows)))
    chair = roster.facts.chair
    office = phrase(f"roles.chair_{phrase.style}").upper()
    return [
        *_plain_top(roster, phrase, "attendance"),
        Table(
            columns, (tuple(Head(phrase(f"table.{key}")) for key in heads),), tuple(rows), tall=True
        ),
        Paragraph(summary, sticky=True),
        Signatures(
            ((None, SignaturePlace((office,), bare(chair.name) if chair else phrase.blank)),)
        ),
    ]


COMPOSERS: Final[Mapping[str, Callable[[Minutes], list[Element]]]] = {
    "minutes": minutes,
    "report": report,
    "announcement": announcement,
    "press": press,
}


KINDS: Final = (*COMPOSERS, "attendance")
NUMBERED: Final = ("minutes", "report", "announcement")  # the others get no number


def wanted(kind: str) -> tuple[str, ...]:
    """The facts that a document of this kind has a place for."""
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


def _top(count: Minutes, phrase: Phrases, kind: str, about: tuple[str, ...]) -> list[Element]:
    facts = count.facts
    parent, issuer = facts.parent, facts.issuer
    if parent is None and issuer is None:
        parent, issuer = count.session_file.body, phrase("body")
    masthead = parts.masthead(
        phrase,
        facts,
        parent=parent or "",
        issuer=issuer or phrase("body"),
        number=facts.number(kind) or phrase("short_blank"),
        date=phrase.day(count.dated),
    )
    return parts.top(phrase, masthead, f"names.{kind}", about, rehearsal=count.rehearsal)


def _plain_top(count: Minutes | AttendanceList, phrase: Phrases, kind: str) -> list[Element]:
    """The top of a document of the body itself, without a number."""
    facts, date = count.facts, phrase.day(count.facts.dated or count.day)
    issuer, about = count.session_file.body, (_about(count.session_file.title),)
    masthead = parts.masthead(phrase, facts, parent="", issuer=issuer, number=None, date=date)
    return parts.top(phrase, masthead, f"names.{kind}", about, rehearsal=count.rehearsal)


def _about(title: str) -> str:
    return title.rstrip(".")


def attending(facts: MeetingFacts, phrase: Phrases) -> list[Element]:
    """The committee, its witnesses, and who presides over the meeting."""
    lines: list[Element] = []
    if facts.committee:
        lines.append(Paragraph(phrase("minutes.committee", number=f"{len(facts.committee):02}")))
        lines += _people(facts.committee, phrase)
    else:
        lines.append(Paragraph(phrase("minutes.committee_unknown")))
        lines += _people(_nobody(phrase), phrase)
    if facts.witnesses == ():
        lines.append(Paragraph(phrase("minutes.no_witnesses")))
    else:
        lines.append(Paragraph(phrase("minutes.witnesses")))
        lines += _people(facts.witnesses or (Participant(phrase.blank),), phrase)
    chair = phrase.person(facts.chair) if facts.chair else phrase.blank
    return [*lines, Paragraph(phrase("minutes.chair", person=chair))]


def _nobody(phrase: Phrases) -> tuple[Participant, ...]:
    """Lines for a committee that nobody has entered."""
    return tuple(Participant(phrase.blank, phrase(f"roles.{role}")) for role in _ROLES)


def _people(people: tuple[Participant, ...], phrase: Phrases) -> list[Element]:
    texts = [phrase("minutes.person", person=phrase.person(person)) for person in people[:-1]]
    texts.append(phrase("minutes.last_person", person=phrase.person(people[-1])))
    return [Paragraph(text) for text in texts]


def _events(count: Minutes, phrase: Phrases) -> list[Element]:
    lines: list[Element] = []
    if count.amendments:
        lines.append(Paragraph(phrase("minutes.amendments")))
    for change in count.amendments:
        numbers = {"number": change.number, "added": change.added, "removed": change.removed}
        reason = change.reason.rstrip(".")
        lines.append(Paragraph(phrase("minutes.amendment", **numbers, reason=reason)))
    lines += _listed(count.journal, phrase, "journal")
    complaints = count.facts.complaints
    if complaints is None:
        return [*lines, Paragraph(phrase("minutes.unknown_complaints"))]
    return [*lines, *_listed(complaints, phrase, "complaints")]


def _listed(lines: tuple[str, ...], phrase: Phrases, key: str) -> list[Element]:
    if not lines:
        return [Paragraph(phrase(f"minutes.no_{key}"))]
    texts = [phrase("minutes.last_person", person=line.rstrip(".")) for line in lines]
    return [Paragraph(phrase(f"minutes.{key}")), *(Paragraph(text) for text in texts)]


def _ending(count: Minutes, phrase: Phrases) -> list[Element]:
    facts = count.facts
    copies = phrase("short_blank") if facts.copies is None else f"{facts.copies:02}"
    closing = phrase("minutes.closing", time=phrase.time(facts.end), copies=copies)
    adopted = phrase("minutes.adopted" if facts.adopted else "minutes.not_adopted")
    return [Paragraph(closing, sticky=True), Paragraph(adopted, sticky=True)]


def signatures(facts: MeetingFacts, phrase: Phrases) -> Signatures:
    """The committee's head at the right, who writes beside him; then members; then the chair."""
    people = facts.committee or _nobody(phrase)
    head, *members = [_signs(person, phrase("roles.member")) for person in people]
    secretary = members.pop(0) if members else None
    rows: list[tuple[SignaturePlace | None, ...]] = [(secretary, head)]
    rows += _in_rows(members)
    witnesses = facts.witnesses or ()
    chair = facts.chair or Participant(phrase.blank)
    ending = [_signs(Participant(person.name), phrase("roles.witness")) for person in witnesses]
    ending.append(_signs(Participant(chair.name), phrase(f"roles.chair_{phrase.style}")))
    rows += [row if len(row) == _ROW else (None, *row) for row in _in_rows(ending)]
    return Signatures(tuple(rows))


def _in_rows(signatures: Sequence[SignaturePlace]) -> list[tuple[SignaturePlace | None, ...]]:
    return [tuple(signatures[i : i + _ROW]) for i in range(0, len(signatures), _ROW)]


def _signs(person: Participant, role: str) -> SignaturePlace:
    return SignaturePlace(((person.role or role).upper(),), bare(person.name))

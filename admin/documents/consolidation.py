"""The report on many sessions for the office that manages the officials (cadres).

Each session keeps its own table and its own denominator. Whoever was rated at two venues stands
in both and once more side by side; nothing is added up (reference/domain.md §6, 43 and 73).
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

from admin.documents import parts
from admin.documents.elements import (
    Element,
    GroupRow,
    Head,
    Heading,
    Masthead,
    Paragraph,
    Table,
    TableColumn,
)
from admin.documents.facts import MeetingFacts, Participant, Signatory
from admin.documents.layout import Style
from admin.documents.wording import Phrases, amount, cited, in_full
from admin.record.consolidate import Record
from admin.record.session_file import SessionFile
from admin.record.venues import key
from admin.rules.compute import Finding, OfficialResults
from admin.rules.regime import TWO_LEVELS, Regime

# The venues of one person, by their place in the report, with the lines there.
TwiceRated = tuple[tuple[int, OfficialResults], ...]

Numbered = Literal["report", "letter"]  # what an office sends, each with its own number
NUMBERED: Final[tuple[Numbered, ...]] = ("report", "letter")

_FIGURES: Final = 18.0  # millimetres of a column of numbers


@dataclass(frozen=True, slots=True)
class Venue:
    """One session, as its audited record says.

    Attributes:
        officials: those whom the report is about, each with the number on the ballot.
    """

    record: Record
    officials: tuple[tuple[int, OfficialResults], ...]

    @property
    def session_file(self) -> SessionFile:
        """session.json."""
        return self.record.session_file

    @property
    def regime(self) -> Regime:
        """The rules of its count."""
        return self.session_file.regime(self.record.results["regime"])


@dataclass(frozen=True, slots=True)
class Consolidation:
    """Many sessions.

    Attributes:
        authority: whose officials these are; None for all.
        twice: who was rated at two venues: for each person the venues, by their place in
            ``venues``, with the line there.
        owed: bodies whose report is missing or late, and what is to be said of each; None where
            nobody knows which reports were due.
        several: whether other authorities get papers of the same facts, each with its own number.
    """

    facts: MeetingFacts
    today: date
    authority: str | None
    venues: tuple[Venue, ...]
    twice: tuple[TwiceRated, ...] = ()
    owed: tuple[tuple[str, str], ...] | None = None
    rehearsal: bool = False
    several: bool = False

    @property
    def style(self) -> Style:
        """As entered, else that of a Party body: it is their offices that gather."""
        return self.facts.style or "party"

    def number(self, kind: Numbered) -> str | None:
        """The paper's number: that of its authority's, else, of one authority alone, the file's."""
        for own in self.facts.authorities:
            if self.authority is not None and key(own.name) == key(self.authority):
                return (own.report if kind == "report" else own.letter) or None
        return None if self.several else self.facts.number(kind)


def report(many: Consolidation) -> list[Element]:
    """The document."""
    phrase, facts = Phrases(many.style), many.facts
    opening = phrase(
        "gathering.opening",
        basis=basis(many),
        issuer=facts.issuer or phrase.blank,
        kinds=kinds(many, phrase),
        sessions=number_of(len(many.venues)),
    )
    chapters: list[tuple[str, list[Element]]] = [
        ("sessions", _sessions(many, phrase)),
        ("results", _results(many, phrase)),
        ("twice", _twice(many, phrase)),
        ("findings", _findings(many, phrase)),
        ("owed", [Paragraph(phrase("gathering.owed", body=b, told=t)) for b, t in many.owed or ()]),
        ("assessment", _assessment(phrase)),
    ]
    about = [phrase("gathering.about", kinds=kinds(many, phrase))]
    if many.authority is not None:
        about.append(phrase("gathering.whose", authority=many.authority))
    title = parts.top(
        phrase, masthead(many), "gathering.name", tuple(about), rehearsal=many.rehearsal
    )
    return [
        *title,
        *addressed(many, phrase),
        Paragraph(opening),
        *parts.numbered(phrase, "gathering.parts", chapters),
        parts.closing(signed(many, phrase), phrase),
        *_annex(many, phrase),
    ]


def masthead(many: Consolidation, *, kind: Numbered = "report", subject: str = "") -> Masthead:
    """The top of what the office sends.

    Args:
        kind: whose number it has.
        subject: of a letter.
    """
    phrase, facts = Phrases(many.style), many.facts
    top = parts.masthead(
        phrase,
        facts,
        parent=facts.parent or "",
        issuer=facts.issuer or phrase.blank,
        number=many.number(kind) or phrase("short_blank"),
        date=phrase.day(facts.dated or many.today),
    )
    return replace(top, subject=subject)


def basis(many: Consolidation) -> str:
    """What the votes rested on: as entered, else their regulations."""
    instruments = dict.fromkeys(in_full(venue.regime) for venue in many.venues)
    return ", ".join(map(cited, many.facts.basis or instruments))


def kinds(many: Consolidation, phrase: Phrases) -> str:
    """Ratings, confidence votes, or both."""
    rated = {parts.rates(venue.regime) for venue in many.venues}
    name = "both" if len(rated) > 1 else "confidence" if False in rated else "rating"
    return phrase(f"gathering.kinds.{name}")


def number_of(count: int) -> str:
    """A number of people or bodies in a sentence: 04, 12."""
    return f"{count:02}"


def way(record: Record) -> str:
    """How a session voted: on paper, electronically, or both."""
    if record.count is None or record.count.paper is None:
        return "electronic"
    return "paper" if record.count.electronic is None else "mixed"


def addressed(many: Consolidation, phrase: Phrases) -> list[Element]:
    """Kính gửi: whom the office has entered, else the authority; nothing where there is neither."""
    to = (many.authority,) if many.authority is not None else many.facts.addressees
    return [Paragraph(phrase("address", name="; ".join(to)), kind="address")] if to else []


def signed(many: Consolidation, phrase: Phrases) -> MeetingFacts:
    """The facts with somebody who signs: a dotted line, if nobody was entered."""
    return replace(many.facts, signatory=many.facts.signatory or Signatory((phrase.blank,), ""))


def _sessions(many: Consolidation, phrase: Phrases) -> list[Element]:
    names = ("number", "body", "day", "ways", "summoned", "present", "collected")
    heads = tuple(Head(phrase(f"gathering.table.{name}")) for name in names)
    numbers = (TableColumn(_FIGURES, "right"),) * 3
    columns = (
        *(TableColumn(10, "center"), TableColumn(0), TableColumn(24), TableColumn(28)),
        *numbers,
    )
    records = [venue.record for venue in many.venues]
    rows = tuple(
        (
            str(number),
            record.session_file.body,
            f"{date.fromisoformat(record.session_file.date):%d/%m/%Y}",
            phrase(f"gathering.ways.{way(record)}"),
            *map(amount, (record.roster, record.present, record.cast)),
        )
        for number, record in enumerate(records, start=1)
    )
    apart = [
        Paragraph(
            phrase(
                "gathering.uncounted",
                body=record.session_file.body,
                number=amount(record.count.uncounted),
            )
        )
        for record in records
        if record.count is not None and record.count.uncounted
    ]
    return [Table(columns, (heads,), rows), *apart]


def _assessment(phrase: Phrases) -> list[Element]:
    names = ("good", "bad", "proposals")
    # The last stays with the signature, which would stand alone on a page otherwise.
    return [
        Paragraph(phrase(f"gathering.assessment.{name}"), sticky=name == names[-1])
        for name in names
    ]


def _annex(many: Consolidation, phrase: Phrases) -> list[Element]:
    """By what each place's signed minutes are compared with what the office has got."""
    names = ("number", "body", "proof", "minutes")
    heads = tuple(Head(phrase(f"gathering.table.{name}")) for name in names)
    columns = (TableColumn(10, "center"), TableColumn(0), TableColumn(70), TableColumn(34))
    rows = tuple(
        (
            str(number),
            venue.session_file.body,
            _proof(venue.record),
            ", ".join(sorted(venue.record.scans)) or phrase("gathering.no_scan"),
        )
        for number, venue in enumerate(many.venues, start=1)
    )
    note = Paragraph(phrase("gathering.compared"), kind="note", sticky=True)
    return [Heading(phrase("gathering.annex"), apart=True), note, Table(columns, (heads,), rows)]


def _proof(record: Record) -> str:
    """The session code, and the hash of the counts where there is paper."""
    paper = record.count is not None and record.count.paper is not None
    digest = parts.grouped(record.count.digest) if record.count is not None and paper else ""
    return " ".join(part for part in (record.code, digest) if part)


def _results(many: Consolidation, phrase: Phrases) -> list[Element]:
    elements: list[Element] = []
    for place, venue in enumerate(many.venues, start=1):
        if not venue.officials:
            continue
        title = phrase("group", number=place, heading=venue.session_file.body)
        elements.append(Paragraph(venue.session_file.title, lead=f"{title}.", sticky=True))
        of = parts.denominator(venue.record.results["denominator"], venue.regime, phrase)
        elements.append(Paragraph(of, kind="note", sticky=True))
        elements.append(parts.table_of(venue.officials, venue.regime, phrase))
    return elements or [Paragraph(phrase("gathering.nobody"))]


def _twice(many: Consolidation, phrase: Phrases) -> list[Element]:
    """Persons with their venues below each other, a table for each kind of vote.

    Where one venue's rules have other words than the other's, those of the first stand above.
    """
    elements: list[Element] = []
    for two in (False, True):
        rows: list[tuple[int, OfficialResults] | GroupRow] = []
        rules: list[Regime] = []
        for person in many.twice:
            first = many.venues[person[0][0]]
            if (first.regime.level_keys == TWO_LEVELS) is two:
                rules.append(first.regime)
                rows += _person(many, person)
        if rows:
            elements.append(parts.table_of(rows, rules[0], phrase, who="gathering.table.body"))
    return [Paragraph(phrase("gathering.apart"), sticky=True), *elements] if elements else []


def _person(
    many: Consolidation, person: TwiceRated
) -> list[tuple[int, OfficialResults] | GroupRow]:
    """The person's name as a heading, then the venues where the other tables have people."""
    head = GroupRow(person[0][1]["name"])
    lines = [
        (place + 1, {**line, "name": many.venues[place].session_file.body})
        for place, line in person
    ]
    return [head, *lines]  # type: ignore[list-item]  # the same keys: still a line of results


def cases(many: Consolidation) -> list[tuple[Venue, Participant, Finding]]:
    """Whom a rule speaks of that papers may state, with where and what."""
    return [
        (venue, _person_of(venue, number, line), finding)
        for venue in many.venues
        for number, line in venue.officials
        if (finding := line["finding"]) is not None and venue.regime.states(finding["code"])
    ]


def _person_of(venue: Venue, number: int, line: OfficialResults) -> Participant:
    """The official of this number on the ballot, with what the session knows of the address."""
    honorifics = venue.session_file.honorifics
    return Participant(line["name"], line["position"], honorifics[number - 1] if honorifics else "")


def all_stated(many: Consolidation) -> bool:
    """Whether papers may state every rule of every venue, and so say that nobody is concerned."""
    rules = [(venue.regime, rule.code) for venue in many.venues for rule in venue.regime.findings]
    return all(regime.states(code) for regime, code in rules)


def _findings(many: Consolidation, phrase: Phrases) -> list[Element]:
    elements: list[Element] = [
        Paragraph(
            phrase(
                "gathering.finding",
                person=phrase.person(official),
                body=venue.session_file.body,
                text=parts.rule_text(finding, venue.session_file.body),
                rule=finding["rule"],
            )
        )
        for venue, official, finding in cases(many)
    ]
    none = [Paragraph(phrase("gathering.no_finding"))] if all_stated(many) else []
    return elements or [*none]

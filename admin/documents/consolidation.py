"""The report on many sessions for the office that manages the officials (cadres).

Each session keeps its own table and its own denominator. Whoever was rated at two venues stands
in both and once more side by side; nothing is added up (reference/domain.md §6, 43 and 73).
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from admin.documents import parts
from admin.documents.elements import (
    Element,
    GroupRow,
    Head,
    Paragraph,
    Table,
    TableColumn,
)
from admin.documents.facts import MeetingFacts, Signatory
from admin.documents.layout import Style
from admin.documents.wording import Phrases, amount
from admin.record.consolidate import Record
from admin.record.session_file import SessionFile
from admin.rules.compute import OfficialResults
from admin.rules.regime import TWO_LEVELS, Regime
from admin.words import words

# The venues of one person, by their place in the report, with the lines there.
TwiceRated = tuple[tuple[int, OfficialResults], ...]

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
        owed: bodies whose report is missing or late, and what is to be said of each.
    """

    facts: MeetingFacts
    today: date
    authority: str | None
    venues: tuple[Venue, ...]
    twice: tuple[TwiceRated, ...] = ()
    owed: tuple[tuple[str, str], ...] = ()
    rehearsal: bool = False

    @property
    def style(self) -> Style:
        """As entered, else that of a Party body: it is their offices that gather."""
        return self.facts.style or "party"


def report(many: Consolidation) -> list[Element]:
    """The document."""
    phrase, facts = Phrases(many.style), many.facts
    masthead = parts.masthead(
        phrase,
        facts,
        parent=facts.parent or "",
        issuer=facts.issuer or phrase.blank,
        number=facts.number("report") or phrase("short_blank"),
        date=phrase.day(facts.dated or many.today),
    )
    whose = () if many.authority is None else (phrase("gathering.whose", authority=many.authority),)
    opening = phrase("gathering.opening", sessions=amount(len(many.venues)))
    chapters: list[tuple[str, list[Element]]] = [
        ("sessions", _sessions(many, phrase)),
        ("results", _results(many, phrase)),
        ("twice", _twice(many, phrase)),
        ("findings", _findings(many, phrase)),
        ("owed", [Paragraph(phrase("gathering.owed", body=b, told=t)) for b, t in many.owed]),
    ]
    signed = replace(facts, signatory=facts.signatory or Signatory((phrase.blank,), ""))
    return [
        *parts.top(phrase, masthead, "gathering.name", whose, rehearsal=many.rehearsal),
        Paragraph(opening),
        *parts.numbered(phrase, "gathering.parts", chapters),
        parts.closing(signed, phrase),
    ]


def _sessions(many: Consolidation, phrase: Phrases) -> list[Element]:
    names = ("number", "body", "day", "summoned", "present", "collected", "code")
    heads = tuple(Head(phrase(f"gathering.table.{name}")) for name in names)
    numbers = (TableColumn(_FIGURES, "right"),) * 3
    columns = (
        TableColumn(10, "center"),
        TableColumn(0),
        TableColumn(24),
        *numbers,
        TableColumn(47),
    )
    rows = tuple(
        (
            *(
                str(number),
                record.session_file.body,
                f"{date.fromisoformat(record.session_file.date):%d/%m/%Y}",
            ),
            *map(amount, (record.roster, record.present, record.cast)),
            record.code,
        )
        for number, record in enumerate((venue.record for venue in many.venues), start=1)
    )
    note = Paragraph(phrase("gathering.audited"), kind="note")
    return [Table(columns, (heads,), rows), note]


def _results(many: Consolidation, phrase: Phrases) -> list[Element]:
    elements: list[Element] = []
    for place, venue in enumerate(many.venues, start=1):
        if not venue.officials:
            continue
        title = phrase("group", number=place, heading=venue.session_file.body)
        elements.append(Paragraph(venue.session_file.title, lead=f"{title}.", sticky=True))
        denominator = venue.record.results["denominator"]
        number = denominator["value"]
        of = phrase(
            "table.denominator",
            kind=words(f"denominators.{denominator['kind']}", "vi"),
            value=phrase("table.unknown") if number is None else amount(number),
            rule=venue.regime.denominator.rule,
        )
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


def _findings(many: Consolidation, phrase: Phrases) -> list[Element]:
    elements: list[Element] = []
    for venue in many.venues:
        for _, line in venue.officials:
            finding = line["finding"]
            if finding is not None and venue.regime.states(finding["code"]):
                text = phrase(
                    "gathering.finding",
                    name=line["name"],
                    position=line["position"],
                    body=venue.session_file.body,
                    text=finding["text"].rstrip("."),
                    rule=finding["rule"],
                )
                elements.append(Paragraph(text))
    return (
        [*elements, Paragraph(phrase("gathering.competent"), kind="note")]
        if elements
        else [Paragraph(phrase("gathering.no_finding"))]
    )

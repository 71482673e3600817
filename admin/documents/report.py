"""The report on many sessions for the office that manages the officials (cadres).

Each session keeps its own table and its own denominator. Whoever was rated at two venues stands
in both and once more side by side; nothing is added up (reference/domain.md §6, 43 and 73).
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from admin.documents import parts
from admin.documents.blocks import (
    Banner,
    Block,
    Column,
    Group,
    Head,
    Heading,
    Paragraph,
    Table,
    Title,
)
from admin.documents.facts import Facts, Signatory
from admin.documents.layout import Style
from admin.documents.wording import Voice, amount
from admin.rules.compute import OfficialResults
from admin.rules.regime import TWO_LEVELS, Regime
from admin.words import words

Person = tuple[tuple[int, OfficialResults], ...]  # the venues of one person, with the lines there

_FIGURES: Final = 18.0  # millimetres of a column of numbers


@dataclass(frozen=True, slots=True)
class Venue:
    """One session, as its audited record says.

    Attributes:
        phi: the fingerprint in the form that people compare.
        denominator: what its percentages are of.
        officials: those whom the report is about, each with the number on the ballot.
    """

    body: str
    title: str
    day: date
    summoned: int
    present: int
    collected: int
    phi: str
    regime: Regime
    denominator: int | None
    officials: tuple[tuple[int, OfficialResults], ...]


@dataclass(frozen=True, slots=True)
class Gathering:
    """Many sessions.

    Attributes:
        authority: whose officials these are; None for all.
        twice: who was rated at two venues: for each person the venues, by their place in
            ``venues``, with the line there.
        owed: bodies whose report is missing or late, and what is to be said of each.
    """

    facts: Facts
    today: date
    authority: str | None
    venues: tuple[Venue, ...]
    twice: tuple[Person, ...] = ()
    owed: tuple[tuple[str, str], ...] = ()
    rehearsal: bool = False

    @property
    def style(self) -> Style:
        """As entered, else that of a Party body: it is their offices that gather."""
        return self.facts.style or "party"


def report(said: Gathering) -> list[Block]:
    """The paper."""
    say, facts = Voice(said.style), said.facts
    top = parts.masthead(
        say,
        facts,
        parent=facts.parent or "",
        issuer=facts.issuer or say.blank,
        number=facts.number("report") or say("short_blank"),
        date=say.day(facts.dated or said.today),
    )
    whose = () if said.authority is None else (say("gathering.whose", authority=said.authority),)
    opening = say("gathering.opening", sessions=amount(len(said.venues)))
    chapters: list[tuple[str, list[Block]]] = [
        ("sessions", _sessions(said, say)),
        ("results", _results(said, say)),
        ("twice", _twice(said, say)),
        ("findings", _findings(said, say)),
        ("owed", [Paragraph(say("gathering.owed", body=b, told=t)) for b, t in said.owed]),
    ]
    made: list[Block] = [Banner(words("cli.audit.rehearsal", "vi"))] if said.rehearsal else []
    dashes = say("dashes") if said.style == "party" else ""
    made += [top, Title(say("gathering.name").upper(), whose, dashes), Paragraph(opening)]
    full = [(key, blocks) for key, blocks in chapters if blocks]
    for number, (key, blocks) in enumerate(full, start=1):
        made += [Heading(say.chapter(number, f"gathering.parts.{key}")), *blocks]
    signed = replace(facts, signatory=facts.signatory or Signatory((say.blank,), ""))
    return [*made, parts.closing(signed, say)]


def _sessions(said: Gathering, say: Voice) -> list[Block]:
    names = ("number", "body", "day", "summoned", "present", "collected", "phi")
    heads = tuple(Head(say(f"gathering.table.{name}")) for name in names)
    numbers = (Column(_FIGURES, "right"),) * 3
    columns = (Column(10, "center"), Column(0), Column(24), *numbers, Column(47))
    rows = tuple(
        (
            *(str(number), one.body, f"{one.day:%d/%m/%Y}"),
            *(amount(one.summoned), amount(one.present), amount(one.collected), one.phi),
        )
        for number, one in enumerate(said.venues, start=1)
    )
    note = Paragraph(say("gathering.audited"), kind="note")
    return [Table(columns, (heads,), rows), note]


def _results(said: Gathering, say: Voice) -> list[Block]:
    made: list[Block] = []
    for number, one in enumerate(said.venues, start=1):
        if not one.officials:
            continue
        title = say("group", number=number, heading=one.body)
        made.append(Paragraph(one.title, lead=f"{title}.", held=True))
        kind = words(f"denominators.{one.regime.denominator.kind}", "vi")
        value = say("table.unknown") if one.denominator is None else amount(one.denominator)
        rule = one.regime.denominator.rule
        of = say("table.denominator", kind=kind, value=value, rule=rule)
        made.append(Paragraph(of, kind="note", held=True))
        made.append(parts.table_of(one.officials, one.regime.level_keys, say))
    return made or [Paragraph(say("gathering.nobody"))]


def _twice(said: Gathering, say: Voice) -> list[Block]:
    """Persons with their venues below each other, a table for each kind of vote."""
    made: list[Block] = []
    for two in (False, True):
        rows: list[tuple[int, OfficialResults] | Group] = []
        keys: tuple[str, ...] = ()
        for person in said.twice:
            first = said.venues[person[0][0]]
            if (first.regime.level_keys == TWO_LEVELS) is two:
                keys = first.regime.level_keys
                rows += _person(said, person)
        if rows:
            made.append(parts.table_of(rows, keys, say, who="gathering.table.body"))
    return [Paragraph(say("gathering.apart"), held=True), *made] if made else []


def _person(said: Gathering, person: Person) -> list[tuple[int, OfficialResults] | Group]:
    """The person's name as a heading, then the venues where the other tables have people."""
    head = Group(person[0][1]["name"])
    lines = [(place + 1, {**line, "name": said.venues[place].body}) for place, line in person]
    return [head, *lines]  # type: ignore[list-item]  # the same keys: still a line of results


def _findings(said: Gathering, say: Voice) -> list[Block]:
    made: list[Block] = []
    for one in said.venues:
        for _, line in one.officials:
            if (found := line["finding"]) is not None:
                text = say(
                    "gathering.finding",
                    name=line["name"],
                    position=line["position"],
                    body=one.body,
                    text=found["text"].rstrip("."),
                    rule=found["rule"],
                )
                made.append(Paragraph(text))
    return (
        [*made, Paragraph(say("gathering.competent"), kind="note")]
        if made
        else [Paragraph(say("gathering.no_finding"))]
    )

"""Kế hoạch: one round of votes at several bodies, each with who is rated, who votes, and when."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from admin.documents import parts
from admin.documents.around import meeting as meetings
from admin.documents.elements import Element, Head, Paragraph, Table, TableColumn
from admin.documents.facts import MeetingFacts, Signatory
from admin.documents.layout import Style
from admin.documents.wording import Phrases

_DAY = TableColumn(30, "center")
_WORK: Final = ("bodies", "report", "problems")
_PEOPLE: Final = ("officials", "raters", "presides")


@dataclass(frozen=True, slots=True)
class PlannedVote:
    """The vote of one body; texts that nobody has entered are empty.

    Attributes:
        officials, raters: who is rated and who votes, as the plan words it.
        due: the day by which the result is reported.
    """

    body: str
    officials: str
    raters: str
    presides: str
    assists: str
    day: date
    due: date


@dataclass(frozen=True, slots=True)
class RoundPlan:
    """A round.

    Attributes:
        title: what the plan is about.
        votes: in the order of the table.
        today: the day of writing, where papers.toml has none.
    """

    facts: MeetingFacts
    title: str
    votes: tuple[PlannedVote, ...]
    today: date

    @property
    def style(self) -> Style:
        """As entered, else that of a Party body, as for the report on many sessions."""
        return self.facts.style or "party"


def plan(a_round: RoundPlan) -> list[Element]:
    """The plan: aims, each vote with its people, days, who does what."""
    phrase, facts = Phrases(a_round.style), a_round.facts
    masthead = parts.masthead(
        phrase,
        facts,
        parent=facts.parent or "",
        issuer=facts.issuer or phrase.blank,
        number=facts.number("plan") or phrase("short_blank"),
        date=phrase.day(facts.dated or a_round.today),
    )
    issuer = facts.issuer or phrase.blank
    opening = phrase(
        "round.opening",
        issuer=issuer,
        about=a_round.title[:1].lower() + a_round.title[1:],
        number=f"{len(a_round.votes):02}",
    )
    chapters: list[tuple[str, list[Element]]] = [
        ("aims", [Paragraph(phrase(f"round.{key}")) for key in ("aim", "demand")]),
        ("votes", _votes(a_round.votes, phrase)),
        ("days", [_days(a_round.votes, phrase)]),
        ("work", [Paragraph(phrase(f"round.{key}", issuer=issuer)) for key in _WORK]),
    ]
    signed = replace(facts, signatory=facts.signatory or Signatory((phrase.blank,), ""))
    return [
        *parts.top(phrase, masthead, "names.plan", (a_round.title,), rehearsal=False),
        *meetings.grounds(facts.basis or (phrase.blank,), phrase),
        Paragraph(opening),
        *parts.numbered(phrase, "round.parts", chapters),
        parts.closing(signed, phrase),
    ]


def _votes(votes: Sequence[PlannedVote], phrase: Phrases) -> list[Element]:
    """Each body under its number: who is rated, who votes, who presides and assists, when."""
    lines: list[Element] = []
    for number, vote in enumerate(votes, start=1):
        heading = phrase("group", number=number, heading=f"{vote.body}:")
        lines.append(Paragraph(heading, sticky=True))
        texts = [phrase(f"round.{k}", text=getattr(vote, k) or phrase.blank) for k in _PEOPLE]
        if vote.assists:
            texts.append(phrase("round.assists", text=vote.assists))
        texts.append(phrase("round.day", day=phrase.day(vote.day)))
        lines += map(Paragraph, texts)
    return lines


def _days(votes: Sequence[PlannedVote], phrase: Phrases) -> Table:
    """The votes in the order of their days, each with the day of its report."""
    rows = tuple(
        (str(number), vote.body, vote.day.strftime("%d/%m/%Y"), vote.due.strftime("%d/%m/%Y"))
        for number, vote in enumerate(sorted(votes, key=lambda vote: vote.day), start=1)
    )
    heads = tuple(Head(phrase(f"round.table.{key}")) for key in ("number", "body", "day", "due"))
    return Table((TableColumn(12, "center"), TableColumn(0), _DAY, _DAY), (heads,), rows)

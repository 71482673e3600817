"""What people enter for the documents of a session: nothing of it is in the record.

None is what nobody has said: the document leaves a dotted line for it, to be filled in by hand.
"""

from dataclasses import dataclass, fields
from datetime import date, time

from admin.documents.layout import Style


@dataclass(frozen=True, slots=True)
class Participant:
    """A name as it shall stand in a document, and the office, the role or the reason beside it.

    Attributes:
        honorific: Ông, Bà, Đồng chí; empty where nobody has said, or where the name has it.
    """

    name: str
    role: str = ""
    honorific: str = ""


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who signs a report: ``TM. BAN KIỂM PHIẾU`` and ``TRƯỞNG BAN``, then the name."""

    lines: tuple[str, ...]
    name: str


@dataclass(frozen=True, slots=True)
class Founding:
    """What made the counting committee: a resolution of this number, or a vote of the meeting.

    Attributes:
        number: empty where the meeting only voted.
        votes: how many agreed of those present, such as 51/51; may be empty.
    """

    number: str
    day: date | None
    votes: str = ""


@dataclass(frozen=True, slots=True)
class AuthorityNumbers:
    """The numbers of what an office sends one managing authority; "" for a dotted line."""

    name: str
    report: str = ""
    letter: str = ""


@dataclass(frozen=True, slots=True)
class MeetingFacts:
    """The facts of the meeting and of its documents.

    Attributes:
        style: by whose rules the documents are laid out; None for that of the session's regime.
        parent, issuer: who stands at the top left.
        numbers: the documents' numbers by kind, such as 15/BB-BKP.
        town: before the date; ``dated`` is the day of the documents, None for the day of the vote.
        venue: where the count took place.
        committee: with their roles, the head first.
        chair: who presides over the meeting.
        excused: who is absent, with the reason.
        printed: paper ballots that were printed, of each khối.
        complaints: () is that there were none.
        adopted: whether the minutes were read aloud and agreed to.
        basis: what the vote rests on, without the word "Căn cứ"; () for the regime's instrument.
        addressees: Kính gửi.
        authorities: of an office that consolidates: the numbers of what it sends to each.
        founding: of the counting committee.
    """

    style: Style | None = None
    parent: str | None = None
    issuer: str | None = None
    numbers: tuple[tuple[str, str], ...] = ()
    town: str | None = None
    dated: date | None = None
    venue: str | None = None
    start: time | None = None
    end: time | None = None
    committee: tuple[Participant, ...] = ()
    witnesses: tuple[Participant, ...] | None = None
    chair: Participant | None = None
    excused: tuple[Participant, ...] | None = None
    complaints: tuple[str, ...] | None = None
    printed: int | None = None
    copies: int | None = None
    adopted: bool | None = None
    basis: tuple[str, ...] = ()
    addressees: tuple[str, ...] = ()
    authorities: tuple[AuthorityNumbers, ...] = ()
    founding: Founding | None = None
    recipients: tuple[str, ...] = ()
    signatory: Signatory | None = None

    def number(self, kind: str) -> str | None:
        """The number of the document of this kind."""
        return dict(self.numbers).get(kind)

    def missing(self, *names: str) -> tuple[str, ...]:
        """Which of these nobody has entered, in the order of the fields."""
        return tuple(
            field.name
            for field in fields(self)
            if field.name in names and getattr(self, field.name) == field.default
        )

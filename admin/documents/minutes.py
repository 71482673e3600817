"""Everything that the documents of a count say, in one value that cannot contradict itself.

Counts come in columns, one for each way of voting; the paper column never enters the record. All
percentages and findings are those of ``admin/rules/compute.py``. The reconciliations are those of
the forms read for reference/domain.md §2.3.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from admin.documents.facts import MeetingFacts
from admin.documents.layout import Style
from admin.record.session_file import Block, SessionFile
from admin.rules.channel import ChannelCount, Marks, Pile, at_no_level
from admin.rules.compute import OfficialCounts, Results, Turnout, tabulate
from admin.rules.regime import Regime
from crypto.checkpoint import Amendment
from crypto.errors import Refused
from crypto.session import Official, Policy


@dataclass(frozen=True, slots=True)
class CommitteeSignature:
    """What the counting committee signed at the box: the code that people compare, and who did.

    Attributes:
        trustees: their numbers, ascending.
    """

    code: str
    trustees: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RecordSeal:
    """What ties the documents to the electronic record.

    Attributes:
        code: the session code.
        trustees: how many there are.
        opening, closing: what they signed when the empty box was sealed, and when it was closed.
        address: the public page of the session, which the QR code leads to; may be empty.
        record: SHA-256 of the published record, hex; None while there is none.
    """

    code: str
    trustees: int
    opening: CommitteeSignature
    closing: CommitteeSignature
    address: str
    record: str | None = None


@dataclass(frozen=True, slots=True)
class Minutes:
    """The count of a session, for all of its documents.

    Attributes:
        session_file: session.json: body, title, day, delegates, khối, who was not rated.
        regime, policy: the rules of the count, and those that were sealed.
        officials: who was rated, in the order of the ballot.
        summoned: people on the roster, of the ``members`` of the body.
        present: the head count of the committee; ``late`` came after it.
        electronic, paper: the ways of voting that there were, at least one.
        uncounted: paper ballots that were too few to be counted without showing single votes.
        counts: SHA-256 of count.json, hex, which the office above compares; empty from a record.
        journal: what was noted during the session.
        amendments: changes of the roster after it was sealed.
        seal: None where all voted on paper.
    """

    facts: MeetingFacts
    session_file: SessionFile
    regime: Regime
    policy: Policy
    officials: tuple[Official, ...]
    summoned: int
    present: int
    electronic: ChannelCount | None
    paper: ChannelCount | None = None
    late: int = 0
    uncounted: int = 0
    counts: str = ""
    journal: tuple[str, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    seal: RecordSeal | None = None

    def __post_init__(self) -> None:
        """Raises Refused, naming the two numbers that contradict each other."""
        for name, channel in (("electronic", self.electronic), ("paper", self.paper)):
            if channel is not None:
                _check_channel(name, channel, self)
        if not self.channels:
            raise Refused("neither electronic nor paper ballots were counted")
        on_blocks = sum(block.officials for block in self.blocks)
        if self.blocks and on_blocks != len(self.officials):
            raise Refused(f"the blocks hold {on_blocks} officials, {len(self.officials)} are rated")
        _at_most("present", self.attending, "summoned", self.summoned)
        _at_most("issued", self.issued, "present", self.attending)
        _at_most("collected", max(p.collected for p in self.piles), "issued", self.issued)
        if self.paper is not None and self.facts.printed is not None:
            used = self.paper.issued * len(self.piles) + self.paper.exchanged
            _at_most("issued and exchanged", used, "printed", self.facts.printed * len(self.piles))
        _at_most("excused", len(self.facts.excused or ()), "absent", self.absent)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The khối in their order; () if there is one ballot for all."""
        return self.session_file.blocks

    @property
    def members(self) -> int:
        """Of the body, absent ones included."""
        return self.session_file.members(self.summoned)

    @property
    def day(self) -> date:
        """The day of the vote."""
        return date.fromisoformat(self.session_file.date)

    @property
    def rehearsal(self) -> bool:
        """Whether the vote was only an exercise."""
        return self.policy.rehearsal

    @property
    def attending(self) -> int:
        """Who was there, latecomers included."""
        return self.present + self.late

    @property
    def absent(self) -> int:
        """Of those summoned."""
        return self.summoned - self.attending

    @property
    def style(self) -> Style:
        """By whose rules the documents are laid out."""
        return style_of(self.facts, self.regime)

    @property
    def dated(self) -> date:
        """The day of the documents."""
        return self.facts.dated or self.day

    @property
    def channels(self) -> tuple[ChannelCount, ...]:
        """The ways of voting that there were."""
        return tuple(channel for channel in (self.electronic, self.paper) if channel is not None)

    @property
    def issued(self) -> int:
        """All ballots that went out."""
        return sum(channel.issued for channel in self.channels) + self.uncounted

    @property
    def piles(self) -> tuple[Pile, ...]:
        """The ballots of each khối, all ways of voting together."""
        by_block = zip(*(channel.piles for channel in self.channels), strict=True)
        return tuple(
            Pile(sum(pile.collected for pile in piles), sum(pile.invalid for pile in piles))
            for piles in by_block
        )

    @property
    def left(self) -> int | None:
        """Sheets of paper that were printed and are neither issued nor spoiled, of all khối.

        Those that were given back are among them. None where nobody has said how many there were.
        """
        if self.paper is None or self.facts.printed is None:
            return None
        unissued = (self.facts.printed - self.paper.issued) * len(self.piles)
        return unissued - self.paper.exchanged

    @property
    def spans(self) -> tuple[range, ...]:
        """Which officials, counted from 0, stand on the ballot of each pile."""
        sizes = [block.officials for block in self.blocks] or [len(self.officials)]
        ends = list(accumulate(sizes))
        return tuple(range(end - size, end) for size, end in zip(sizes, ends, strict=True))

    @property
    def results(self) -> Results:
        """What `results compute` makes of the totals, each khối of its own ballots.

        The denominator has no value where it is not the same for all.
        """
        parts = [
            tabulate(
                self.regime,
                [self._line(i, pile) for i in span],
                Turnout(delegates=self.members, collected=pile.collected),
            )
            for pile, span in zip(self.piles, self.spans, strict=True)
        ]
        whole = parts[0]
        if len({part["denominator"]["value"] for part in parts}) > 1:
            whole["denominator"]["value"] = None
        whole["officials"] = [official for part in parts for official in part["officials"]]
        return whole

    def _line(self, place: int, pile: Pile) -> OfficialCounts:
        """What an official received in all channels; an invalid ballot is in nobody's level."""
        marks = _sum([channel.officials[place] for channel in self.channels])
        blank = at_no_level(self.regime, pile, marks)
        official = self.officials[place]
        return OfficialCounts(official.name, official.position, marks.levels, blank)


def style_of(facts: MeetingFacts, regime: Regime) -> Style:
    """As entered, else as the regime's instrument is one of the State or of the Party."""
    return facts.style or regime.kind


def _check_channel(name: str, channel: ChannelCount, count: Minutes) -> None:
    """Raises Refused naming the channel, the person and the numbers that do not fit."""
    if len(channel.officials) != len(count.officials):
        counted, rated = len(channel.officials), len(count.officials)
        raise Refused(f"{name}: {counted} officials are counted, {rated} are rated")
    if len(channel.piles) != max(len(count.blocks), 1):
        raise Refused(
            f"{name}: {len(channel.piles)} piles of ballots, but {len(count.blocks)} blocks"
        )
    for pile, span in zip(channel.piles, count.spans, strict=True):
        _at_most(f"{name} collected", pile.collected, f"{name} issued", channel.issued)
        for i in span:
            marks = channel.officials[i]
            if (total := sum(marks.levels) + marks.blank) != pile.valid:
                raise Refused(
                    f"{name}: {count.officials[i].name}: levels and invalid lines make {total},"
                    f" but {pile.valid} ballots are valid"
                )


def _sum(channels: Sequence[Marks]) -> Marks:
    """The marks of one official in all channels."""
    levels = zip(*(marks.levels for marks in channels), strict=True)
    return Marks(tuple(map(sum, levels)), sum(marks.blank for marks in channels))


def _at_most(fewer: str, lower: int, more: str, upper: int) -> None:
    if lower > upper:
        raise Refused(f"{fewer} {lower} is more than {more} {upper}")

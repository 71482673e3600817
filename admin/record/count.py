"""count.json: what a session counted, by way of voting and by official; inputs, no percentages.

    {"schema":"phieukin.count/1","uuid":…,"definition":…,"roster":…,"present":…,"late":…,
     ["electronic":<channel>,]["paper":<channel>,]"uncounted":…,"entered":[…][,"cadres":[…]]}
    channel  {"issued":…,"blocks":[{"collected":…,"invalid":…},…],
              "officials":[{"marks":[…],"blank":…},…],"exchanged":…,"unused":…}

`definition` is φ of an electronic session, SHA-256 of paper.json of one on paper only. The SHA-256
of these bytes stands in the minutes, which the committee signs by hand (docs/protocol.md §8.4).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from admin.record.session_file import SessionFile
from admin.rules import compute
from admin.rules.channel import ChannelCount, Marks, Pile, at_no_level
from admin.rules.compute import OfficialCounts, Results, Turnout
from admin.rules.regime import Regime
from crypto.encoding import Fields, Json, array, canonical, integer, members, parse, sha256, string
from crypto.encoding import text as text_of
from crypto.encoding import uuid as uuid_of
from crypto.errors import BadCounts
from crypto.session import MAX_OFFICIALS, Official, Policy

SCHEMA: Final = "phieukin.count/1"
LIMIT: Final = 1 << 20  # bytes; 200 officials counted two ways need about 40 kB
MAX_CODE: Final = 40  # characters of a cadre code
WITNESSES: Final = 2  # people whose entries of the paper ballots are the same
_OPTIONAL: Final = ("electronic", "paper", "cadres")


@dataclass(frozen=True, slots=True)
class Cadre:
    """What tells an official from a namesake; each is "" where the list does not say it.

    Attributes:
        born: YYYY-MM-DD or YYYY.
        code: the number under which the managing authority keeps the cadre.
    """

    born: str = ""
    code: str = ""

    @classmethod
    def from_json(cls, value: Json, path: str) -> "Cadre":
        fields = Fields(value, path, "born", "code")
        return cls(
            fields.read("born", string, r"|[0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2}"),
            fields.read("code", text_of, empty=True, limit=MAX_CODE),
        )


UNKNOWN: Final = Cadre()


@dataclass(frozen=True, slots=True)
class Count:
    """What a session counted.

    Attributes:
        definition: φ, or SHA-256 of paper.json.
        roster: people on it when the vote ended.
        present: the head count; ``late`` came after it.
        electronic, paper: the ways of voting that there were, at least one.
        uncounted: paper ballots that were too few to be counted without showing single votes.
        entered: who entered the paper ballots, each on their own.
        cadres: for each official of the ballot; () where nothing is known of anybody.
    """

    uuid: str
    definition: str
    roster: int
    present: int
    late: int
    electronic: ChannelCount | None = None
    paper: ChannelCount | None = None
    uncounted: int = 0
    entered: tuple[str, ...] = ()
    cadres: tuple[Cadre, ...] = ()

    @property
    def channels(self) -> tuple[ChannelCount, ...]:
        """The ways of voting that there were."""
        return tuple(channel for channel in (self.electronic, self.paper) if channel is not None)

    @property
    def attending(self) -> int:
        """Who was there, latecomers included."""
        return self.present + self.late

    @property
    def issued(self) -> int:
        """All ballots that went out."""
        return sum(channel.issued for channel in self.channels) + self.uncounted

    @property
    def collected(self) -> int:
        """The ballots that came back, of the khối that has most."""
        return sum(max(pile.collected for pile in channel.piles) for channel in self.channels)

    @property
    def digest(self) -> str:
        """SHA-256 of count.json, hex."""
        return sha256(self.encode())

    def cadre(self, place: int) -> Cadre:
        """What is known of the official at this place of the ballot, from 1."""
        return self.cadres[place - 1] if self.cadres else UNKNOWN

    def encode(self) -> bytes:
        document: dict[str, Json] = {
            "schema": SCHEMA,
            "uuid": self.uuid,
            "definition": self.definition,
            "roster": self.roster,
            "present": self.present,
            "late": self.late,
            "electronic": self.electronic and _channel_json(self.electronic),
            "paper": self.paper and _channel_json(self.paper),
            "uncounted": self.uncounted,
            "entered": list(self.entered),
            "cadres": [{"born": cadre.born, "code": cadre.code} for cadre in self.cadres],
        }
        absent = [name for name in _OPTIONAL if not document[name]]
        return canonical({name: value for name, value in document.items() if name not in absent})

    @classmethod
    def decode(cls, raw: bytes) -> "Count":
        """Raises Malformed naming the field."""
        path = "count.json"
        names = ("schema", "uuid", "definition", "roster", "present", "late", "electronic", "paper")
        value = parse(raw, path, limit=LIMIT)
        fields = Fields(value, path, *names, "uncounted", "entered", "cadres", optional=_OPTIONAL)
        fields.read("schema", string, SCHEMA.replace(".", "[.]"))
        return cls(
            uuid=fields.read("uuid", uuid_of),
            definition=fields.read("definition", string, r"[0-9a-f]{64}|[A-Za-z0-9+/]{43}"),
            roster=fields.read("roster", integer, low=1),
            present=fields.read("present", integer),
            late=fields.read("late", integer),
            electronic=fields.read_or(None, "electronic", _channel),
            paper=fields.read_or(None, "paper", _channel),
            uncounted=fields.read("uncounted", integer),
            entered=fields.each("entered", text_of, high=WITNESSES),
            cadres=fields.read_or((), "cadres", members, Cadre.from_json, low=1),
        )

    def check(
        self,
        rules: Regime,
        session_file: SessionFile,
        policy: Policy,
        officials: Sequence[Official],
    ) -> None:
        """Raises BadCounts naming the two numbers that contradict each other."""
        if not self.channels:
            raise BadCounts("count.json: neither electronic nor paper ballots were counted")
        _at_most("present", self.attending, "summoned", self.roster)
        _at_most("issued", self.issued, "present", self.attending)
        sizes = session_file.sizes(len(officials))
        named = (("electronic", self.electronic), ("paper", self.paper))
        for name, channel in named:
            if channel is not None:
                _check_channel(name, channel, sizes, policy, officials)
        self._check_whole(rules, policy, sizes, officials)
        if self.cadres and len(self.cadres) != len(officials):
            size = len(officials)
            raise BadCounts(f"count.json: {len(self.cadres)} cadres, {size} on the ballot")
        self._check_paper(policy)

    def _check_whole(
        self, rules: Regime, policy: Policy, sizes: Sequence[int], officials: Sequence[Official]
    ) -> None:
        """Where a line without a valid mark spoils the ballot, no valid ballot has such a line."""
        alone = [size == 1 and rules.spoiled_alone for size in sizes for _ in range(size)]
        for channel in self.channels:
            for official, marks, whole in zip(officials, channel.officials, alone, strict=True):
                if marks.blank and (whole or policy.invalid == "ballot"):
                    blank = f"{marks.blank} blank lines on ballots that are valid"
                    raise BadCounts(f"count.json: {official.name}: {blank}")

    def _check_paper(self, policy: Policy) -> None:
        least = policy.min_ballots
        if self.uncounted and (self.paper is not None or self.uncounted >= least):
            raise BadCounts(
                f"count.json: {self.uncounted} paper ballots are said to be too few to be counted"
            )
        if self.paper is None:
            if self.entered:
                raise BadCounts("count.json: somebody entered paper ballots that there are not")
            return
        # Fewer on their own would show single votes (docs/paper.md).
        for pile in self.paper.piles:
            if pile.collected < least:
                raise BadCounts(f"count.json: {pile.collected} paper ballots, {least} are needed")
        if len(set(self.entered)) != WITNESSES:
            raise BadCounts("count.json: the paper ballots were not entered by two people")

    def results(
        self, rules: Regime, session_file: SessionFile, officials: Sequence[Official]
    ) -> Results:
        """The `phieukin.results/1` document of all ways of voting, each khối of its own ballots.

        Where khối have unlike numbers of collected ballots, each is taken of its own number, and
        the document's denominator has no one value.

        Raises:
            Refused: the turnout contradicts itself.
        """
        sizes = session_file.sizes(len(officials))
        documents = []
        delegates = session_file.members(self.roster)
        for block, end in enumerate(accumulate(sizes)):
            collected = sum(channel.piles[block].collected for channel in self.channels)
            turnout = Turnout(delegates, self.attending, self.issued, collected)
            lines = [
                self._line(rules, block, place, officials[place])
                for place in range(end - sizes[block], end)
            ]
            documents.append(compute.tabulate(rules, lines, turnout))
        joined = documents[0]
        if len({document["denominator"]["value"] for document in documents}) > 1:
            joined["denominator"]["value"] = None
        joined["officials"] = [line for document in documents for line in document["officials"]]
        return joined

    def _line(self, rules: Regime, block: int, place: int, official: Official) -> OfficialCounts:
        marks = [channel.officials[place] for channel in self.channels]
        levels = tuple(map(sum, zip(*(mark.levels for mark in marks), strict=True)))
        piles = [channel.piles[block] for channel in self.channels]
        blank = sum(at_no_level(rules, *pair) for pair in zip(piles, marks, strict=True))
        return OfficialCounts(official.name, official.position, levels, blank)


def _channel_json(channel: ChannelCount) -> Json:
    return {
        "issued": channel.issued,
        "blocks": [{"collected": p.collected, "invalid": p.invalid} for p in channel.piles],
        "officials": [{"marks": list(m.levels), "blank": m.blank} for m in channel.officials],
        "exchanged": channel.exchanged,
        "unused": channel.unused,
    }


def _channel(value: Json, path: str) -> ChannelCount:
    fields = Fields(value, path, "issued", "blocks", "officials", "exchanged", "unused")
    unused = fields["unused"]
    return ChannelCount(
        issued=fields.read("issued", integer),
        piles=fields.each("blocks", _pile, low=1, high=MAX_OFFICIALS),
        officials=fields.each("officials", _marks, low=1, high=MAX_OFFICIALS),
        exchanged=fields.read("exchanged", integer),
        unused=None if unused is None else integer(unused, fields.at("unused")),
    )


def _pile(value: Json, path: str) -> Pile:
    fields = Fields(value, path, "collected", "invalid")
    return Pile(fields.read("collected", integer), fields.read("invalid", integer))


def _marks(value: Json, path: str) -> Marks:
    fields = Fields(value, path, "marks", "blank")
    levels = [integer(n, fields.at("marks")) for n in fields.read("marks", array, low=2)]
    return Marks(tuple(levels), fields.read("blank", integer))


def _check_channel(
    name: str,
    channel: ChannelCount,
    sizes: Sequence[int],
    policy: Policy,
    officials: Sequence[Official],
) -> None:
    if len(channel.officials) != len(officials):
        counted, rated = len(channel.officials), len(officials)
        raise BadCounts(f"{name}: {counted} officials are counted, {rated} are rated")
    if len(channel.piles) != len(sizes):
        raise BadCounts(f"{name}: {len(channel.piles)} piles of ballots, but {len(sizes)} blocks")
    ends = list(accumulate(sizes))
    for pile, size, end in zip(channel.piles, sizes, ends, strict=True):
        _at_most(f"{name} collected", pile.collected, f"{name} issued", channel.issued)
        _at_most(f"{name} invalid", pile.invalid, f"{name} collected", pile.collected)
        for place in range(end - size, end):
            marks, official = channel.officials[place], officials[place].name
            if len(marks.levels) != len(policy.levels):
                raise BadCounts(f"{name}: {official}: not one count for each level")
            if (total := sum(marks.levels) + marks.blank) != pile.valid:
                raise BadCounts(
                    f"{name}: {official}: levels and invalid lines make {total},"
                    f" but {pile.valid} ballots are valid"
                )


def _at_most(fewer: str, lower: int, more: str, upper: int) -> None:
    if lower > upper:
        raise BadCounts(f"{fewer} {lower} is more than {more} {upper}")

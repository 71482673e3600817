"""session.json: what people call the session. Its hash stands in election.json."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial

from admin.rules import regime, zones
from admin.rules.regime import Regime
from crypto.encoding import (
    Fields,
    Json,
    canonical,
    hex_digest,
    integer,
    members,
    parse,
    string,
    text,
    uuid,
)
from crypto.errors import BadDefinition, BadRecord, Incomplete, Malformed
from crypto.session import MAX_OFFICIALS, Election, Official, Parameters

LIMIT = 1 << 20  # bytes; 200 officials with long reasons and authorities need a third of it
MAX_GUIDANCE = 2000  # characters of all paragraphs: one screen of a phone is about 600
OPTIONAL = (
    *("excluded", "blocks", "guidance", "managed", "after", "rules", "tier", "zone"),
    *("convocation", "term", "sitting", "honorifics", "page"),
)
TIERS = ("central", "province", "district", "commune", "unit")  # cấp
FILE_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}(/[A-Za-z0-9_][A-Za-z0-9_.-]{0,99})?"


@dataclass(frozen=True, slots=True)
class Excluded:
    """An official of the list who is not rated, and why: told in the minutes."""

    name: str
    position: str
    reason: str
    honorific: str = ""

    @classmethod
    def from_json(cls, value: Json, path: str) -> "Excluded":
        names = ("name", "position", "reason", "honorific")
        fields = Fields(value, path, *names, optional=("honorific",))
        return cls(
            name=fields.read("name", text),
            position=fields.read("position", text, empty=True),
            reason=fields.read("reason", text),
            honorific=fields.read_or("", "honorific", text),
        )

    def to_json(self) -> Json:
        written: dict[str, Json] = {
            "name": self.name,
            "position": self.position,
            "reason": self.reason,
        }
        return written | {"honorific": self.honorific} if self.honorific else written


@dataclass(frozen=True, slots=True)
class Block:
    """A khối: a run of officials under a heading of its own, counted apart in the minutes.

    Attributes:
        officials: how many officials of the ballot it has, in the order of the ballot.
    """

    heading: str
    officials: int

    @classmethod
    def from_json(cls, value: Json, path: str) -> "Block":
        fields = Fields(value, path, "heading", "officials")
        officials = fields.read("officials", integer, low=1, high=MAX_OFFICIALS)
        return cls(fields.read("heading", text), officials)


@dataclass(frozen=True, slots=True)
class SessionFile:
    """The human data of a session. What is optional is not written where it is not set.

    Attributes:
        body: who votes, such as a People's Council.
        title: what the vote is.
        date: the day of the vote, YYYY-MM-DD.
        place: where they meet; may be empty.
        delegates: how many members the body has, absent ones included, as it was sealed: the
            denominator of some regimes. The roster may be smaller.
        excluded: who of the list is not rated.
        blocks: the khối of the ballot, in its order; together they have all its officials.
        guidance: what the organiser tells the voters of purpose and conduct, by paragraph.
        managed: for each official of the ballot the managing authority, "" where not known.
        after: the uuid of the session that must be closed before this one opens; may be empty.
        rules: the regime, where it is not one of those that come with the program.
        tier: of which of TIERS the body is; may be empty.
        zone: whose clock its times are told by (IANA); not written if it is Vietnam's.
        convocation: khóa, such as XVIII; may be empty, as the next two.
        term: nhiệm kỳ, such as 2026 - 2031.
        sitting: the number of the meeting: kỳ họp thứ, hội nghị lần thứ.
        honorifics: how each official of the ballot is addressed (Ông, Bà), "" where not known.
        page: name and SHA-256 of each file of the page that voters are given, by name; nothing
            if there is none.
    """

    uuid: str
    body: str
    title: str
    date: str
    place: str
    delegates: int
    excluded: tuple[Excluded, ...] = ()
    blocks: tuple[Block, ...] = ()
    guidance: tuple[str, ...] = ()
    managed: tuple[str, ...] = ()
    after: str = ""
    rules: Regime | None = None
    tier: str = ""
    zone: str = zones.DEFAULT
    convocation: str = ""
    term: str = ""
    sitting: str = ""
    honorifics: tuple[str, ...] = ()
    page: tuple[tuple[str, str], ...] = ()

    def encode(self) -> bytes:
        required: dict[str, Json] = {
            "schema": "phieukin.session/1",
            "uuid": self.uuid,
            "body": self.body,
            "title": self.title,
            "date": self.date,
            "place": self.place,
            "delegates": self.delegates,
        }
        optional: dict[str, Json] = {
            "excluded": [official.to_json() for official in self.excluded],
            "blocks": [asdict(block) for block in self.blocks],
            "guidance": list(self.guidance),
            "managed": list(self.managed),
            "after": self.after,
            "rules": None if self.rules is None else regime.to_json(self.rules),
            "tier": self.tier,
            "zone": "" if self.zone == zones.DEFAULT else self.zone,
            "convocation": self.convocation,
            "term": self.term,
            "sitting": self.sitting,
            "honorifics": list(self.honorifics),
            "page": dict(self.page),
        }
        return canonical(required | {name: value for name, value in optional.items() if value})

    def regime(self, name: str) -> Regime:
        """The rules of a policy that names them so: those that travel with the session, or ours.

        Raises:
            BadDefinition: it travels with rules of another name (docs/protocol.md §3.5).
            Incomplete: this program does not know the name.
        """
        if self.rules is not None:
            if self.rules.id != name:
                raise BadDefinition(f"session.json.rules: {self.rules.id}, the policy says {name}")
            return self.rules
        return builtin(name)

    @property
    def headings(self) -> tuple[str, ...]:
        """For each official of the ballot the heading of the khối; nothing where there is none."""
        return tuple(block.heading for block in self.blocks for _ in range(block.officials))

    def sizes(self, officials: int) -> tuple[int, ...]:
        """How many officials each khối has; all are on one ballot where there are none."""
        return tuple(block.officials for block in self.blocks) or (officials,)

    def members(self, roster: int) -> int:
        """How many members the body has: not fewer than there are on the roster.

        Args:
            roster: its size from the opening on; an amendment may have added people.
        """
        return max(self.delegates, roster)

    def check_agrees(self, election: Election, parameters: Parameters) -> None:
        """Raises BadRecord unless the definition says the same of the session and its ballot."""
        if self.uuid != election.uuid:
            raise BadRecord(f"session.json: the session in it is {self.uuid}")
        if election.name != self.name:
            raise BadRecord(f"session.json: {self.name}, the definition is of {election.name}")
        self.check_officials(parameters.officials)

    @property
    def name(self) -> str:
        """The `name` of the definition, by which any Belenios program shows it."""
        return f"{self.title} – {self.body}"

    def check_officials(self, officials: Sequence[Official]) -> None:
        """Raises BadRecord unless the lists by official fit a ballot with these on it."""
        size, rated = len(officials), {(official.name, official.position) for official in officials}
        for excluded in self.excluded:
            if (excluded.name, excluded.position) in rated:
                place = "session.json.excluded"
                raise BadRecord(f"{place}: {excluded.name} is on the ballot, too")
        of_blocks = sum(block.officials for block in self.blocks)
        if self.blocks and of_blocks != size:
            raise BadRecord(f"session.json.blocks: {of_blocks} officials, {size} on the ballot")
        for name, texts in (("managed", self.managed), ("honorifics", self.honorifics)):
            if texts and len(texts) != size:
                count = f"{len(texts)} officials"
                raise BadRecord(f"session.json.{name}: {count}, {size} on the ballot")

    @classmethod
    def decode(cls, raw: bytes) -> "SessionFile":
        """Raises Malformed naming the field."""
        path = "session.json"
        names = ("schema", "uuid", "body", "title", "date", "place", "delegates", *OPTIONAL)
        fields = Fields(parse(raw, path, limit=LIMIT), path, *names, optional=OPTIONAL)
        fields.read("schema", string, "phieukin[.]session/1")
        if "after" in fields and fields["after"] == fields["uuid"]:
            raise Malformed(f"{path}.after: the session cannot follow itself")
        return cls(
            uuid=fields.read("uuid", uuid),
            body=fields.read("body", text),
            title=fields.read("title", text),
            date=fields.read("date", _day),
            place=fields.read("place", text, empty=True),
            delegates=fields.read("delegates", integer, low=1),
            excluded=fields.read_or((), "excluded", members, Excluded.from_json, low=1),
            blocks=fields.read_or((), "blocks", members, Block.from_json, low=1),
            guidance=fields.read_or((), "guidance", _guidance),
            managed=fields.read_or((), "managed", _by_official),
            after=fields.read_or("", "after", uuid),
            rules=fields.read_or(None, "rules", _rules),
            tier=fields.read_or("", "tier", string, "|".join(TIERS)),
            zone=fields.read_or(zones.DEFAULT, "zone", _zone),
            convocation=fields.read_or("", "convocation", text),
            term=fields.read_or("", "term", text),
            sitting=fields.read_or("", "sitting", text),
            honorifics=fields.read_or((), "honorifics", _by_official),
            page=fields.read_or((), "page", _page),
        )


def builtin(name: str) -> Regime:
    """The regime of ours that a policy names. Raises Incomplete if there is none."""
    if name not in regime.builtin_ids():
        raise Incomplete(f"the regime {name} is not known to this program")
    return regime.load(name)


def _guidance(value: Json, path: str) -> tuple[str, ...]:
    paragraphs = members(value, path, text, low=1)
    if sum(map(len, paragraphs)) > MAX_GUIDANCE:
        raise Malformed(f"{path}: more than {MAX_GUIDANCE} characters")
    return paragraphs


def _by_official(value: Json, path: str) -> tuple[str, ...]:
    texts = members(value, path, partial(text, empty=True), low=1, high=MAX_OFFICIALS)
    if not any(texts):
        raise Malformed(f"{path}: absent where nothing is known of anybody")
    return texts


def _rules(value: Json, path: str) -> Regime:
    own = regime.from_json(value, path)
    if regime.is_builtin(own.id):
        raise Malformed(f"{path}.id: {own.id} is a built-in regime, which does not travel")
    regime.check_own(own, path)
    return own


def _zone(value: Json, path: str) -> str:
    name = text(value, path)
    if name == zones.DEFAULT:
        raise Malformed(f"{path}: absent where it is {zones.DEFAULT}")
    zones.named(name)
    return name


def _page(files: Json, path: str) -> tuple[tuple[str, str], ...]:
    if not isinstance(files, dict) or not files:
        raise Malformed(f"{path}: an object with a file in it is expected")
    names = [string(name, path, FILE_NAME) for name in files]
    if names != sorted(names):
        raise Malformed(f"{path}: the names must ascend")
    return tuple((name, hex_digest(files[name], f"{path}.{name}")) for name in names)


def _day(value: Json, path: str) -> str:
    day = string(value, path, r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
    try:
        date.fromisoformat(day)
    except ValueError:
        raise Malformed(f"{path}: there is no such day") from None
    return day

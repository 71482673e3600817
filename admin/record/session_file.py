"""session.json: what people call the session. Its hash stands in election.json."""

from dataclasses import asdict, dataclass
from datetime import date

from admin.rules import regime
from admin.rules.regime import Regime
from crypto.encoding import (
    Json,
    array,
    canonical,
    fields,
    hex_digest,
    integer,
    parse,
    string,
    text,
    uuid,
)
from crypto.errors import BadRecord, Incomplete, Malformed
from crypto.session import MAX_OFFICIALS

LIMIT = 1 << 20  # bytes; 200 officials with long reasons and authorities need a third of it
MAX_GUIDANCE = 2000  # characters of all paragraphs: one screen of a phone is about 600
OPTIONAL = ("excluded", "blocks", "guidance", "managed", "after", "rules", "tier", "page")
TIERS = ("central", "province", "district", "commune", "unit")  # cấp
FILE_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}(/[A-Za-z0-9_][A-Za-z0-9_.-]{0,99})?"


@dataclass(frozen=True, slots=True)
class Excluded:
    """An official of the list who is not rated, and why: told in the minutes."""

    name: str
    position: str
    reason: str


@dataclass(frozen=True, slots=True)
class Block:
    """A khối: a run of officials under a heading of its own, counted apart in the minutes.

    Attributes:
        officials: how many officials of the ballot it has, in the order of the ballot.
    """

    heading: str
    officials: int


@dataclass(frozen=True, slots=True)
class SessionFile:
    """The human data of a session. What is optional is not written where it is not set.

    Attributes:
        body: who votes, such as a People's Council.
        title: what the vote is.
        date: the day of the vote, YYYY-MM-DD.
        place: where they meet; may be empty.
        delegates: how many members the body has, absent ones included: the denominator of
            some regimes. The roster may be smaller.
        excluded: who of the list is not rated.
        blocks: the khối of the ballot, in its order; together they have all its officials.
        guidance: what the organiser tells the voters of purpose and conduct, by paragraph.
        managed: for each official of the ballot the managing authority, "" where not known.
        after: the uuid of the session that must be closed before this one opens; may be empty.
        rules: the regime, where it is not one of those that come with the program.
        tier: of which of TIERS the body is; may be empty.
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
    page: tuple[tuple[str, str], ...] = ()

    def encode(self) -> bytes:
        said: dict[str, Json] = {
            "schema": "phieukin.session/1",
            "uuid": self.uuid,
            "body": self.body,
            "title": self.title,
            "date": self.date,
            "place": self.place,
            "delegates": self.delegates,
        }
        more: dict[str, Json] = {
            "excluded": [asdict(one) for one in self.excluded],
            "blocks": [asdict(one) for one in self.blocks],
            "guidance": list(self.guidance),
            "managed": list(self.managed),
            "after": self.after,
            "rules": None if self.rules is None else regime.to_json(self.rules),
            "tier": self.tier,
            "page": dict(self.page),
        }
        return canonical(said | {name: value for name, value in more.items() if value})

    def regime(self, name: str) -> Regime:
        """The rules of a policy that names them so: those that travel with the session, or ours.

        Raises:
            BadRecord: it travels with rules of another name.
            Incomplete: this program does not know the name.
        """
        if self.rules is not None:
            if self.rules.id != name:
                raise BadRecord(f"session.json.rules: {self.rules.id}, the policy says {name}")
            return self.rules
        try:
            return regime.load(name)
        except regime.UnknownRegime:
            raise Incomplete(f"the regime {name} is not known to this program") from None

    @property
    def headings(self) -> tuple[str, ...]:
        """For each official of the ballot the heading of the khối; nothing where there is none."""
        return tuple(block.heading for block in self.blocks for _ in range(block.officials))

    def check_officials(self, size: int) -> None:
        """Raises BadRecord unless the lists by official fit a ballot of this size."""
        of_blocks = sum(block.officials for block in self.blocks)
        if self.blocks and of_blocks != size:
            raise BadRecord(f"session.json.blocks: {of_blocks} officials, {size} on the ballot")
        if self.managed and len(self.managed) != size:
            there = len(self.managed)
            raise BadRecord(f"session.json.managed: {there} officials, {size} on the ballot")

    @classmethod
    def decode(cls, raw: bytes) -> "SessionFile":
        """Raises Malformed naming the field."""
        path = "session.json"
        value = parse(raw, path, limit=LIMIT)
        names = ("schema", "uuid", "body", "title", "date", "place", "delegates")
        listed = fields(value, path, *names, *OPTIONAL, optional=OPTIONAL)
        schema, identifier, body, title, day, place, delegates, *more = listed
        excluded, blocks, guidance, managed, after, rules, tier, page = more
        string(schema, f"{path}.schema", "phieukin[.]session/1")
        return cls(
            uuid(identifier, f"{path}.uuid"),
            text(body, f"{path}.body"),
            text(title, f"{path}.title"),
            _day(string(day, f"{path}.date", r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), f"{path}.date"),
            text(place, f"{path}.place", empty=True),
            integer(delegates, f"{path}.delegates", low=1),
            () if excluded is None else _excluded(excluded, f"{path}.excluded"),
            () if blocks is None else _blocks(blocks, f"{path}.blocks"),
            () if guidance is None else _guidance(guidance, f"{path}.guidance"),
            () if managed is None else _managed(managed, f"{path}.managed"),
            "" if after is None else uuid(after, f"{path}.after"),
            None if rules is None else _rules(rules, f"{path}.rules"),
            "" if tier is None else string(tier, f"{path}.tier", "|".join(TIERS)),
            () if page is None else _page(page, f"{path}.page"),
        )


def _excluded(said: Json, path: str) -> tuple[Excluded, ...]:
    found = []
    for i, one in enumerate(array(said, path, low=1)):
        name, position, reason = fields(one, f"{path}[{i}]", "name", "position", "reason")
        found.append(
            Excluded(
                text(name, f"{path}[{i}].name"),
                text(position, f"{path}[{i}].position", empty=True),
                text(reason, f"{path}[{i}].reason"),
            )
        )
    return tuple(found)


def _blocks(said: Json, path: str) -> tuple[Block, ...]:
    found = []
    for i, one in enumerate(array(said, path, low=1)):
        heading, officials = fields(one, f"{path}[{i}]", "heading", "officials")
        size = integer(officials, f"{path}[{i}].officials", low=1, high=MAX_OFFICIALS)
        found.append(Block(text(heading, f"{path}[{i}].heading"), size))
    return tuple(found)


def _guidance(said: Json, path: str) -> tuple[str, ...]:
    paragraphs = tuple(text(one, f"{path}[{i}]") for i, one in enumerate(array(said, path, low=1)))
    if sum(map(len, paragraphs)) > MAX_GUIDANCE:
        raise Malformed(f"{path}: more than {MAX_GUIDANCE} characters")
    return paragraphs


def _managed(said: Json, path: str) -> tuple[str, ...]:
    listed = array(said, path, low=1, high=MAX_OFFICIALS)
    found = tuple(text(one, f"{path}[{i}]", empty=True) for i, one in enumerate(listed))
    if not any(found):
        raise Malformed(f"{path}: absent where no authority is known")
    return found


def _rules(said: Json, path: str) -> Regime:
    found = regime.from_json(said, path)
    if regime.is_builtin(found.id):
        raise Malformed(f"{path}.id: {found.id} is a built-in regime, which does not travel")
    return found


def _page(said: Json, path: str) -> tuple[tuple[str, str], ...]:
    if not isinstance(said, dict) or not said:
        raise Malformed(f"{path}: an object with a file in it is expected")
    names = [string(name, path, FILE_NAME) for name in said]
    if names != sorted(names):
        raise Malformed(f"{path}: the names must ascend")
    return tuple((name, hex_digest(said[name], f"{path}.{name}")) for name in names)


def _day(said: str, path: str) -> str:
    try:
        date.fromisoformat(said)
    except ValueError:
        raise Malformed(f"{path}: there is no such day") from None
    return said

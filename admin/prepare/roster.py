"""The roster: who may vote, in the order of the spreadsheet.

    {"schema":"phieukin.roster/1","uuid":…,
     "voters":[{"name":…,"details":{"position":…,"unit":…,"birth":…,"note":…,
      "honorific":…}},…]}

These bytes are the roster file of docs/protocol.md §3.4: their HMAC stands in election.json, the
file itself goes to auditors only. A detail that is not known is absent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from crypto.encoding import Fields, canonical, parse, string, text, uuid
from storage.rows import Person

SCHEMA: Final = "phieukin.roster/1"
DETAILS: Final = ("position", "unit", "birth", "note", "honorific")
FEWEST, MOST = 5, 200_000  # fewer ballots than five are never opened

_LIMIT = 1 << 28


@dataclass(frozen=True, slots=True)
class RosterRow:
    """A person who may vote; the details are pairs, in the order of DETAILS."""

    name: str
    details: tuple[tuple[str, str], ...] = ()

    def detail(self, key: str) -> str:
        """A detail, or nothing."""
        return dict(self.details).get(key, "")


def encode(identifier: str, rows: Sequence[RosterRow]) -> bytes:
    """The roster file."""
    voters = [{"name": row.name, "details": dict(row.details)} for row in rows]
    return canonical({"schema": SCHEMA, "uuid": identifier, "voters": voters})


def rows(people: Iterable[Person]) -> list[RosterRow]:
    """The lines of the registrar's book."""
    return [RosterRow(person.name, tuple(person.details.items())) for person in people]


def decode(raw: bytes) -> tuple[str, tuple[RosterRow, ...]]:
    """The session's uuid and the rows. Raises Malformed naming the field."""
    value = parse(raw, "roster", limit=_LIMIT)
    fields = Fields(value, "roster", "schema", "uuid", "voters")
    fields.read("schema", string, SCHEMA.replace(".", "[.]"))
    rows = fields.each("voters", _row, low=FEWEST, high=MOST)
    return fields.read("uuid", uuid), rows


def _row(value: object, path: str) -> RosterRow:
    fields = Fields(value, path, "name", "details")
    details = Fields(fields["details"], fields.at("details"), *DETAILS, optional=DETAILS)
    name = fields.read("name", text)
    return RosterRow(
        name, tuple((key, details.read(key, text)) for key in DETAILS if key in details)
    )

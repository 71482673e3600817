"""session.json: what people call the session. Its hash stands in election.json."""

from dataclasses import dataclass
from datetime import date

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
from crypto.errors import Malformed

LIMIT = 1 << 16
FILE_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}(/[A-Za-z0-9_][A-Za-z0-9_.-]{0,99})?"


@dataclass(frozen=True, slots=True)
class Excluded:
    """An official of the list who is not rated, and why: told in the minutes."""

    name: str
    position: str
    reason: str


@dataclass(frozen=True, slots=True)
class SessionFile:
    """The human data of a session.

    Attributes:
        body: who votes, such as a People's Council.
        title: what the vote is.
        date: the day of the vote, YYYY-MM-DD.
        place: where they meet; may be empty.
        delegates: how many members the body has, absent ones included: the denominator of
            some regimes. The roster may be smaller.
        excluded: who of the list is not rated.
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
        if self.excluded:
            said["excluded"] = [
                {"name": one.name, "position": one.position, "reason": one.reason}
                for one in self.excluded
            ]
        return canonical(said | {"page": dict(self.page)} if self.page else said)

    @classmethod
    def decode(cls, raw: bytes) -> "SessionFile":
        """Raises Malformed naming the field."""
        path = "session.json"
        value = parse(raw, path, limit=LIMIT)
        names = ("schema", "uuid", "body", "title", "date", "place", "delegates")
        more = ("excluded", "page")
        schema, identifier, body, title, day, place, delegates, excluded, page = fields(
            value, path, *names, *more, optional=more
        )
        string(schema, f"{path}.schema", "phieukin[.]session/1")
        return cls(
            uuid(identifier, f"{path}.uuid"),
            text(body, f"{path}.body"),
            text(title, f"{path}.title"),
            _day(string(day, f"{path}.date", r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), f"{path}.date"),
            text(place, f"{path}.place", empty=True),
            integer(delegates, f"{path}.delegates", low=1),
            () if excluded is None else _excluded(excluded, f"{path}.excluded"),
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

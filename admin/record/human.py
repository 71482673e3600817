"""session.json: what people call the session. Its hash stands in election.json."""

from dataclasses import dataclass
from datetime import date

from crypto.encoding import canonical, fields, integer, parse, string, text, uuid
from crypto.errors import Malformed

LIMIT = 1 << 16


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
    """

    uuid: str
    body: str
    title: str
    date: str
    place: str
    delegates: int

    def encode(self) -> bytes:
        return canonical(
            {
                "schema": "phieukin.session/1",
                "uuid": self.uuid,
                "body": self.body,
                "title": self.title,
                "date": self.date,
                "place": self.place,
                "delegates": self.delegates,
            }
        )

    @classmethod
    def decode(cls, raw: bytes) -> "SessionFile":
        """Raises Malformed naming the field."""
        path = "session.json"
        value = parse(raw, path, limit=LIMIT)
        names = ("schema", "uuid", "body", "title", "date", "place", "delegates")
        schema, identifier, body, title, day, place, delegates = fields(value, path, *names)
        string(schema, f"{path}.schema", "phieukin[.]session/1")
        return cls(
            uuid(identifier, f"{path}.uuid"),
            text(body, f"{path}.body"),
            text(title, f"{path}.title"),
            _day(string(day, f"{path}.date", r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), f"{path}.date"),
            text(place, f"{path}.place", empty=True),
            integer(delegates, f"{path}.delegates", low=1),
        )


def _day(said: str, path: str) -> str:
    try:
        date.fromisoformat(said)
    except ValueError:
        raise Malformed(f"{path}: there is no such day") from None
    return said

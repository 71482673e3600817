"""What a session's draft settles beside its definition: committee, quorum, planned times."""

from dataclasses import dataclass

from crypto.encoding import Fields, canonical, integer, parse, string
from crypto.errors import Refused
from crypto.trustees import MAX_TRUSTEES

_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}"


class NoQuorum(Refused):
    """Too few are present."""

    code = "no_quorum"


@dataclass(frozen=True, slots=True)
class Terms:
    """Kept with the session from its registration on.

    Attributes:
        trustees, threshold: how many hold the key, and how many of them open the totals; none
            where the vote is on paper only.
        part, of: the quorum as a fraction of those whom the regime counts, `Regime.quorum_of`.
        opens, closes: when voting is planned to begin and end, YYYY-MM-DDTHH:MM, local time.
    """

    trustees: int
    threshold: int
    part: int
    of: int
    opens: str | None = None
    closes: str | None = None

    def check_quorum(self, present: int, whole: int) -> None:
        """Raises NoQuorum if fewer than the fraction are present."""
        if present * self.of < whole * self.part:
            raise NoQuorum(
                f"{present} are present, {self.part}/{self.of} of {whole} people are needed"
            )

    def encode(self) -> bytes:
        committee = {"trustees": self.trustees, "threshold": self.threshold}
        planned = {"opens": self.opens, "closes": self.closes}
        return canonical({**committee, "quorum": [self.part, self.of], "planned": planned})

    @classmethod
    def decode(cls, raw: bytes) -> "Terms":
        """Raises Malformed naming the field."""
        names = ("trustees", "threshold", "quorum", "planned")
        fields = Fields(parse(raw, "terms", limit=1024), "terms", *names)
        planned = fields.inside("planned", "opens", "closes")
        trustees, quorum = fields.read("trustees", integer, high=MAX_TRUSTEES), fields["quorum"]
        opens, closes = planned["opens"], planned["closes"]
        return cls(
            trustees,
            fields.read("threshold", integer, low=min(1, trustees), high=trustees),
            integer(quorum[0], "terms.quorum[0]"),
            integer(quorum[1], "terms.quorum[1]", low=1),
            None if opens is None else planned.read("opens", string, _TIME),
            None if closes is None else planned.read("closes", string, _TIME),
        )

"""The definition of a session that votes on paper only: no key, no φ, no box.

    {"schema":"phieukin.paper/1","roster":…,"officials":[{"name":…,"position":…},…],"policy":{…}}

It is kept in the registrar's book and is signed by nobody: a vote on paper is proved by its
ballots and its minutes, not by a record.
"""

from dataclasses import dataclass
from typing import Final

from crypto.encoding import Fields, canonical, integer, parse, string
from crypto.errors import WrongState
from crypto.session import LIMIT, MAX_OFFICIALS, Official, Policy

SCHEMA: Final = "phieukin.paper/1"


class OnPaper(WrongState):
    """The session votes on paper only: there is no electronic part of it."""

    code = "on_paper"


@dataclass(frozen=True, slots=True)
class PaperDefinition:
    """What is fixed at the seal. The policy's only channel is paper."""

    roster: int
    officials: tuple[Official, ...]
    policy: Policy

    def encode(self) -> bytes:
        return canonical(
            {
                "schema": SCHEMA,
                "roster": self.roster,
                "officials": [{"name": o.name, "position": o.position} for o in self.officials],
                "policy": self.policy.to_json(),
            }
        )

    @classmethod
    def decode(cls, raw: bytes) -> "PaperDefinition":
        """Raises Malformed naming the field."""
        path = "paper"
        names = ("schema", "roster", "officials", "policy")
        fields = Fields(parse(raw, path, limit=LIMIT), path, *names)
        fields.read("schema", string, SCHEMA.replace(".", "[.]"))
        officials = fields.each("officials", Official.from_json, low=1, high=MAX_OFFICIALS)
        roster = fields.read("roster", integer, low=1)
        return cls(roster, officials, fields.read("policy", Policy.from_json))

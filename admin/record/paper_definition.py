"""The definition of a session that votes on paper only: no φ, no box, one key (protocol.md §8.4).

    {"schema":"phieukin.paper-definition/1","session":<sha256 of session.json>,"chair":<base64>,
     "roster":…,"officials":[{"name":…,"position":…},…],"policy":{…}}

It is kept in the registrar's book. A vote on paper is proved by its ballots and its minutes; the
chair's key signs only what goes to the office above, so that nobody alters it on the way.
"""

from dataclasses import dataclass
from typing import Final

from crypto.checkpoint import origin
from crypto.encoding import (
    Fields,
    Json,
    base64_bytes,
    canonical,
    hex_digest,
    integer,
    parse,
    sha256,
    string,
    to_base64,
)
from crypto.errors import WrongState
from crypto.group import element_bytes
from crypto.note import NoteKey
from crypto.session import LIMIT, MAX_OFFICIALS, Official, Policy

SCHEMA: Final = "phieukin.paper-definition/1"


class OnPaper(WrongState):
    """The session votes on paper only: there is no electronic part of it."""

    code = "on_paper"


@dataclass(frozen=True, slots=True)
class PaperDefinition:
    """What is fixed at the seal.

    Attributes:
        session: SHA-256 of session.json, hex.
        chair: the Ed25519 public key that signs the result file, 32 bytes.
        roster: how many people are on it.
        policy: its only channel is paper.
    """

    session: str
    chair: bytes
    roster: int
    officials: tuple[Official, ...]
    policy: Policy

    @property
    def digest(self) -> str:
        """SHA-256 of the encoding, hex: the identity of the session, as φ is of others."""
        return sha256(self.encode())

    def chair_key(self, uuid: str) -> NoteKey:
        """The key with which the chair of this session signs notes."""
        return NoteKey(f"{origin(uuid)}/chair", self.chair)

    def encode(self) -> bytes:
        return canonical(
            {
                "schema": SCHEMA,
                "session": self.session,
                "chair": to_base64(self.chair),
                "roster": self.roster,
                "officials": [{"name": o.name, "position": o.position} for o in self.officials],
                "policy": self.policy.to_json(),
            }
        )

    @classmethod
    def decode(cls, raw: bytes) -> "PaperDefinition":
        """Raises Malformed naming the field."""
        path = "paper"
        names = ("schema", "session", "chair", "roster", "officials", "policy")
        fields = Fields(parse(raw, path, limit=LIMIT), path, *names)
        fields.read("schema", string, SCHEMA.replace(".", "[.]"))
        return cls(
            session=fields.read("session", hex_digest),
            chair=fields.read("chair", _public_key),
            roster=fields.read("roster", integer, low=1),
            officials=fields.each("officials", Official.from_json, low=1, high=MAX_OFFICIALS),
            policy=fields.read("policy", Policy.from_json),
        )


def _public_key(value: Json, path: str) -> bytes:
    return element_bytes(base64_bytes(value, path, size=32), path).raw

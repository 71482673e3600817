"""The counting committee as the definition names it: its keys, its salts, its quorum.

At three moments the committee looks and signs: the definition, the sealed empty box, the closed
box (docs/protocol.md §6.4). Before there is a definition each trustee commits to one random salt
for each moment, and reveals it with that signature. The codes that people compare are hashes of
what was signed and of these salts, so that nobody, whoever writes the definition or collects the
ballots, can choose one.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crypto.encoding import (
    CODE_GROUPS,
    Fields,
    Json,
    base64_bytes,
    hex_digest,
    integer,
    spoken,
    to_base64,
)
from crypto.errors import Malformed
from crypto.group import element_bytes

MAX_MEMBERS: Final = 32  # as in trustees.json


class Moment(StrEnum):
    """When the committee signs."""

    DEFINITION = "definition"
    OPENING = "opening"
    CLOSING = "closing"


def quorum(size: int, threshold: int) -> int:
    """Q = ⌈(n + t)/2⌉: any two quorums share more than the t − 1 who may be dishonest."""
    return (size + threshold + 1) // 2


def safe_threshold(size: int, threshold: int) -> bool:
    """Whether 1 ≤ t ≤ n and 2t > n: no two groups of t are disjoint.

    Two such groups could open two tallies that differ by one ballot, and subtract.
    """
    return 1 <= threshold <= size and 2 * threshold > size


def salt_commitment(moment: Moment, key: bytes, salt: bytes) -> str:
    """SHA-256 that hides a trustee's salt until the moment, hex; bound to the trustee's key.

    Args:
        key: 32 bytes, the key of the trustee's certificate: nobody else can open a copy of it.
        salt: 32 bytes.
    """
    return hashlib.sha256(f"phieukin salt v1\n{moment}\n".encode() + key + salt).hexdigest()


def code(moment: Moment, digest: bytes, salts: Sequence[bytes]) -> str:
    """The code that people compare: 100 bits, five groups of four.

    Args:
        digest: 32 bytes: φ of the definition, or SHA-256 of the text of the checkpoint.
        salts: of those who signed, in the order of trustees.
    """
    name = "session" if moment is Moment.DEFINITION else str(moment)
    content = f"phieukin {name} code v1\n".encode() + digest + b"".join(salts)
    return spoken(hashlib.sha256(content).digest(), CODE_GROUPS)


@dataclass(frozen=True, slots=True)
class Member:
    """A trustee as the definition names it.

    Attributes:
        key: of its certificate, as an Ed25519 public key, 32 bytes.
        salts: what it committed to, one digest for each moment in their order, hex.
    """

    key: bytes
    salts: tuple[str, str, str]

    def commitment(self, moment: Moment) -> str:
        return self.salts[list(Moment).index(moment)]

    def to_json(self) -> Json:
        return {"key": to_base64(self.key), "salts": list(self.salts)}

    @classmethod
    def from_json(cls, value: Json, path: str) -> "Member":
        fields = Fields(value, path, "key", "salts")
        raw = base64_bytes(fields["key"], fields.at("key"), size=32)
        key = element_bytes(raw, fields.at("key")).raw
        return cls(key, read_salts(fields))


def read_salts(fields: Fields) -> tuple[str, str, str]:
    """The field `salts`: one digest for each moment. Raises Malformed."""
    definition, opening, closing = fields.each("salts", hex_digest, low=3, high=3)
    return definition, opening, closing


@dataclass(frozen=True, slots=True)
class Committee:
    """The trustees of a session, and how many of them open its totals.

    Attributes:
        threshold: t.
        members: n of them, in the order of their numbers from 1.
    """

    threshold: int
    members: tuple[Member, ...]

    @property
    def size(self) -> int:
        return len(self.members)

    @property
    def quorum(self) -> int:
        """How many must sign the opening and the closing."""
        return quorum(self.size, self.threshold)

    def needed(self, moment: Moment) -> int:
        """How many must sign: everyone the definition, a quorum the box."""
        return self.size if moment is Moment.DEFINITION else self.quorum

    def to_json(self) -> Json:
        return {
            "threshold": self.threshold,
            "members": [member.to_json() for member in self.members],
        }

    @classmethod
    def from_json(cls, value: Json, path: str) -> "Committee":
        """Raises Malformed: also for a threshold that protects nobody, or something twice."""
        fields = Fields(value, path, "threshold", "members")
        committee = cls(
            threshold=fields.read("threshold", integer, low=1, high=MAX_MEMBERS),
            members=fields.each("members", Member.from_json, low=1, high=MAX_MEMBERS),
        )
        if not safe_threshold(committee.size, committee.threshold):
            stated = f"{committee.threshold} of {committee.size}"
            raise Malformed(f"{path}: {stated} trustees; more than half of them must be needed")
        keys = [member.key for member in committee.members]
        salts = [salt for member in committee.members for salt in member.salts]
        for name, values in (("key", keys), ("salt", salts)):
            if len(set(values)) != len(values):
                raise Malformed(f"{path}: one {name} stands twice")
        return committee

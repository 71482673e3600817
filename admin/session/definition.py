"""The sealed definition of an electronic vote, decoded once for whoever asks.

The books keep it as bytes; the registrar's side, the box's side and the board all read it here.
"""

from dataclasses import dataclass
from functools import lru_cache

from crypto.errors import UnknownSession
from crypto.session import Election, Parameters
from crypto.trustees import Trustees

_KEPT = 32  # sessions; a server seldom has more at a time


@dataclass(frozen=True, slots=True)
class Definition:
    """The definition of an electronic vote: election.json, our part of it, trustees.json."""

    election: Election
    parameters: Parameters
    trustees: Trustees

    @classmethod
    def decode(cls, election: bytes, trustees: bytes) -> "Definition":
        """Raises UnknownSession where election.json has no part of this program."""
        return cls(*sealed(election), _trustees(trustees))


@lru_cache(_KEPT)
def sealed(election_json: bytes) -> tuple[Election, Parameters]:
    """The election and our part of it. Raises UnknownSession where it has none."""
    election = Election.decode(election_json)
    if election.parameters is None:
        raise UnknownSession("the election is not one of this program")
    return election, election.parameters


_trustees = lru_cache(_KEPT)(Trustees.decode)

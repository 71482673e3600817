"""The sealed definition of a session, decoded once for all who ask."""

from functools import lru_cache

from crypto.errors import UnknownSession
from crypto.session import Election, Parameters


@lru_cache(maxsize=8)  # a server seldom has more sessions at a time
def sealed(raw: bytes) -> tuple[Election, Parameters]:
    """An election.json out of a book. Raises UnknownSession if it is not one of this program."""
    election = Election.decode(raw)
    if election.parameters is None:
        raise UnknownSession("not a session of this program")
    return election, election.parameters

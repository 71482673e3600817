"""The values that the books take and give."""

from dataclasses import dataclass

from crypto.lifecycle import State

CODE, MINIAPP = "code", "miniapp"  # the ways to log in


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session as the registrar's book has it."""

    uuid: str
    state: State
    human: bytes
    election: bytes | None
    present: int | None
    draft: bytes | None


@dataclass(frozen=True, slots=True)
class BoxSession:
    """A session as the box's book has it; `closes` is the announced time of the close."""

    uuid: str
    state: State
    election: bytes
    closes: int | None


@dataclass(frozen=True, slots=True)
class Person:
    """One line of the roster: `person` is random, `place` the order in the spreadsheet."""

    person: bytes
    place: int
    name: str
    details: dict[str, str]


@dataclass(frozen=True, slots=True, repr=False)
class Code:
    """An invitation: the hash of a code, and whom it admits as what until when."""

    hash: bytes
    uuid: str
    role: str
    person: bytes | None
    owner: int | None
    expires: int


@dataclass(frozen=True, slots=True, repr=False)
class Login:
    """A bearer: the hash of its text, and whom it admits as what until when.

    Attributes:
        way: by what it was got, CODE or MINIAPP.
    """

    hash: bytes
    uuid: str
    role: str
    person: bytes | None
    owner: int | None
    expires: int
    way: str = CODE


@dataclass(frozen=True, slots=True, repr=False)
class Shown:
    """What a Mini App shows once: whose account it is, the hash of it, how long to remember it.

    Attributes:
        evidence: the same for the auditors, sealed; None where nothing is kept for them.
    """

    uuid: str
    account: int
    hash: bytes
    expires: int
    evidence: bytes | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Chat:
    """A messenger's account that has shown a code: whom it speaks for, in which language."""

    uuid: str
    account: int
    role: str
    person: bytes | None
    language: str

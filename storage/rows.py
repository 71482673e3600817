"""The values that the books take and give."""

from dataclasses import dataclass

from crypto.lifecycle import State

CODE, MINIAPP = "code", "miniapp"  # the ways to log in
PAPER, LATE = "paper", "paper-late"  # channels of no token: a paper ballot, one after the opening
PAPERS = (PAPER, LATE)
TRUSTEE = "trustee"  # the one role whose code admits a program each time it runs


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session as the registrar's book has it.

    Attributes:
        session_json: session.json: of the draft, and from the proposal on as φ covers it.
        terms: committee, quorum and planned times; None until the session is registered.
        present: the committee's head count.
        election, trustees: election.json and trustees.json, once an electronic vote is sealed.
        paper: the definition, once a vote on paper only is sealed.
        seal: the note with everybody's signatures of the definition, once it is sealed.
    """

    uuid: str
    state: State
    session_json: bytes
    terms: bytes | None
    present: int | None
    election: bytes | None = None
    trustees: bytes | None = None
    paper: bytes | None = None
    seal: bytes | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """The definition of an electronic vote that trustees are asked to sign, or have signed."""

    election: bytes
    trustees: bytes
    transcript: bytes


@dataclass(frozen=True, slots=True)
class BoxSession:
    """A session as the box's book has it; `closes` is the announced time of the close."""

    uuid: str
    state: State
    election: bytes
    closes: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a credential stands: the session's state and close, its ballot's tracker if cast."""

    state: State
    closes: int | None
    tracker: str | None


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


@dataclass(frozen=True, slots=True)
class RoleCode:
    """What may be shown of the code of a role: nothing that admits.

    Attributes:
        owner: which of the holders of the role.
        account, device: whether an account of a messenger, or a login by page or program, uses it.
    """

    role: str
    owner: int
    expires: int
    account: bool
    device: bool


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
class SeenInitData:
    """The initData of a Mini App's login: whose account it is, its hash, how long to remember it.

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
    """A messenger's account that has shown a code: whom it speaks for, in which language.

    Attributes:
        owner: which of the holders of the role, as of the code; None for voters.
    """

    uuid: str
    account: int
    role: str
    person: bytes | None
    language: str
    owner: int | None = None


@dataclass(frozen=True, slots=True)
class PaperCounts:
    """Paper ballots that are not back unused, how many of them to latecomers; and beside them.

    Attributes:
        late: went to people who came after the opening and are not in its head count.
        exchanged: spoiled ones for which others were given.
        unused: came back before the close, and were not used.
    """

    issued: int
    late: int
    exchanged: int
    unused: int


@dataclass(frozen=True, slots=True)
class PaperEntry:
    """What one person entered from the paper ballots.

    Attributes:
        number: the place in the log, from 1.
        by: who.
        moment: when, YYYY-MM-DDTHH.
        state: of the session at that time: before or after the electronic totals were opened.
        body: the sums.
    """

    number: int
    by: str
    moment: str
    state: State
    body: bytes

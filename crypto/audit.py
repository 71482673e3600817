"""The audit: a numbered list of checks over the bytes of an archive.

    1 archive      the container, its names, the chain and order of events
    2 definition   election.json, and that it belongs to trustees.json
    3 trustees     every certificate, signature, verification key and proof of possession
    4 credentials  group elements, distinct, in order
    5 ballots      each: bytes, session, signature, proofs; one per credential; no ciphertext
                   twice in the session; in the order of their trackers
    6 tally        recomputed from the ballots and equal
    7 enough       at least the least number of ballots that may be opened
    8 shares       each decryption proof; exactly the needed trustees
    9 result       recomputed from the shares and equal

crypto/evidence.py goes on with the files beside the archive. Each check raises a named
error. A stock definition (one without our parameters) lists its credentials and ballots in
any order. The checks of single ballots are independent, so the caller may spread
`check_batch` over processes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache

from crypto import ballot, tally
from crypto.archive import Event, Kind, Reader, Stream
from crypto.encoding import array, canonical, parse, sha256
from crypto.errors import (
    BadBallot,
    BadCredentials,
    BadResult,
    BadShare,
    BadTally,
    Incomplete,
    Malformed,
    ProtocolError,
    RepeatedCiphertext,
    SecondBallot,
    TooFewBallots,
    UnknownCredential,
)
from crypto.group import Element, element
from crypto.session import Election
from crypto.tally import Share, Tally
from crypto.trustees import Trustees

BATCH = 8  # ballots; a worker's message stays under 1 MB with 44 officials
MAX_CREDENTIALS_FILE = 16 << 20


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report: what the check found, or why it failed."""

    id: str
    ok: bool
    facts: Mapping[str, object]
    failure: str = ""


@dataclass
class Report:
    """The checks in the order they were made; a failed one is the last."""

    checks: list[Check] = field(default_factory=list)
    told: Callable[[Check], None] = lambda _: None

    @contextmanager
    def check(self, name: str) -> Iterator[dict[str, object]]:
        """Records one check: its facts are what the block fills in, or the error."""
        facts: dict[str, object] = {}
        try:
            yield facts
        except ProtocolError as error:
            self._add(Check(name, ok=False, facts={}, failure=str(error)))
            raise
        self._add(Check(name, ok=True, facts=facts))

    def _add(self, check: Check) -> None:
        self.checks.append(check)
        self.told(check)


@dataclass(frozen=True, slots=True)
class Setup:
    """The definition, as checks 2 to 4 found it."""

    election: Election
    trustees: Trustees
    credentials: list[Element]
    credentials_file: bytes


@dataclass(frozen=True, slots=True)
class Cast:
    """The ballots, as check 5 found them: their trackers and their product."""

    trackers: list[str]
    tally: Tally
    ended: bool


@dataclass(frozen=True, slots=True)
class Audited:
    """An archive that passed checks 1 to 9."""

    setup: Setup
    cast: Cast
    shares: list[Share]
    result: list[list[int]]


@dataclass
class Facts:
    """What has been found so far; a field is filled when its check has passed."""

    setup: Setup | None = None
    cast: Cast | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What a worker reports of some valid ballots."""

    trackers: list[str]
    credentials: list[Element]
    ciphertexts: list[bytes]
    tally: Tally


# Applies check_batch to each (election, number of the first ballot, ballots), in order.
Run = Callable[[Iterable[tuple[bytes, int, list[bytes]]]], Iterable[Batch]]


def check_batch(election_raw: bytes, first: int, ballots: Sequence[bytes]) -> Batch:
    """Checks ballots on their own and multiplies them; runs in a worker process.

    Raises:
        ProtocolError: the detail starts with the number of the ballot in the archive.
    """
    election = _election(election_raw)
    product, decoded = tally.empty(election), []
    for number, raw in enumerate(ballots, start=first):
        try:
            one = ballot.decode(raw, election)
            ballot.check(one, election)
        except ProtocolError as error:
            raise type(error)(f"ballot {number}: {error}") from None
        decoded.append(one)
        product = product * Tally(tuple(answer.choices for answer in one.answers))
    return Batch(
        [one.tracker for one in decoded],
        [one.credential for one in decoded],
        [c.alpha.raw + c.beta.raw for one in decoded for c in one.ciphertexts],
        product,
    )


def check_here(batches: Iterable[tuple[bytes, int, list[bytes]]]) -> Iterator[Batch]:
    """The simplest `Run`: in this process, one after the other."""
    return (check_batch(*batch) for batch in batches)


def audit_ballots(
    open_archive: Callable[[], Stream], report: Report, *, run: Run, facts: Facts
) -> tuple[Setup, Cast, Iterator[Event]]:
    """Makes checks 1 to 7: what a trustee sees to before decrypting anything.

    Args:
        open_archive: gives the archive from its start; called twice.
        report: gets a line for each check.
        run: how batches of ballots are spread over processes.
        facts: filled in as checks pass, so that the caller has them after an error.

    Returns:
        The definition, the ballots, and the events that follow the encrypted tally.

    Raises:
        Rejected, Malformed: a check fails.
        Incomplete: the archive ends before the encrypted tally.
    """
    with report.check("archive") as found:
        found.update(_walk(open_archive()))
    events = iter(Reader(open_archive()))
    setup = facts.setup = _check_setup(next(events), report)
    cast = facts.cast = _check_ballots(events, setup, report, run)
    if not cast.ended:
        raise Incomplete("the archive ends before the ballots do: the session is not closed")
    _check_tally(_expect(events, "encrypted tally"), setup, cast, report)
    return setup, cast, events


def audit_archive(
    open_archive: Callable[[], Stream],
    report: Report,
    *,
    run: Run = check_here,
    facts: Facts | None = None,
) -> Audited:
    """Makes checks 1 to 9; arguments and errors as for `audit_ballots`."""
    setup, cast, events = audit_ballots(open_archive, report, run=run, facts=facts or Facts())
    first = _expect(events, "decryption share")
    shares, event = _check_shares(first, events, setup, cast, report)
    with report.check("result") as found:
        result = _check_result(event, setup, cast, shares)
        found["totals"] = sum(len(line) for line in result)
    return Audited(setup, cast, shares, result)


def _expect(events: Iterator[Event], what: str) -> Event:
    event = next(events, None)
    if event is None:
        raise Incomplete(f"the archive has no {what} yet")
    return event


def _walk(stream: Stream) -> dict[str, object]:
    reader = Reader(stream)
    ballots = sum(event.kind == Kind.BALLOT for event in reader)
    if reader.last is None:
        raise Incomplete("the archive is empty")
    return {"events": reader.last.height + 1, "ballots": ballots, "last": str(reader.last.kind)}


def _check_setup(event: Event, report: Report) -> Setup:
    election_raw, trustees_raw, credentials_raw, _ = event.files
    with report.check("definition") as found:
        election, trustees = Election.decode(election_raw), Trustees.decode(trustees_raw)
        election.check_trustees(trustees)
        found.update({"phi": election.spoken_phi, "officials": len(election.questions)})
    with report.check("trustees") as found:
        trustees.check()
        found.update({"needed": trustees.needed, "trustees": len(trustees.verification_keys)})
    with report.check("credentials") as found:
        ordered = election.parameters is not None
        credentials = decode_credentials(credentials_raw, ordered=ordered)
        found["registered"] = len(credentials)
    return Setup(election, trustees, credentials, credentials_raw)


def encode_credentials(credentials: Iterable[Element]) -> bytes:
    """The credential list as the archive holds it, in ascending order."""
    return canonical(sorted(credential.hex for credential in credentials))


def decode_credentials(raw: bytes, *, ordered: bool) -> list[Element]:
    """The registered credentials.

    Raises:
        BadCredentials: not elements, one twice, or not ascending although `ordered`.
    """
    try:
        members = array(parse(raw, "credentials", limit=MAX_CREDENTIALS_FILE), "credentials")
        credentials = [element(c, f"credentials[{i}]") for i, c in enumerate(members)]
    except Malformed as error:
        raise BadCredentials(str(error)) from None
    if len(set(credentials)) != len(credentials):
        raise BadCredentials("credentials: one stands twice")
    if ordered and members != sorted(members):
        raise BadCredentials("credentials: not in ascending order")
    return credentials


def _check_ballots(events: Iterator[Event], setup: Setup, report: Report, run: Run) -> Cast:
    election, rest = setup.election, _Rest(events)
    register = Register(setup.credentials, ordered=election.parameters is not None)
    product = tally.empty(election)
    with report.check("ballots") as found:
        for batch in run((election.raw, first, raws) for first, raws in rest.batches()):
            register.add(batch)
            product = product * batch.tally
        found["cast"] = len(register.trackers)
    return Cast(register.trackers, product, rest.ended)


class _Rest:
    """Groups ballot events into batches and knows whether EndBallots came after them."""

    def __init__(self, events: Iterator[Event]) -> None:
        self._events = events
        self.ended = False

    def batches(self) -> Iterator[tuple[int, list[bytes]]]:
        """(number of the first ballot, ballots), numbers from 1."""
        first, raws = 1, []
        for event in self._events:
            if event.kind != Kind.BALLOT:
                self.ended = True
                break
            raws.append(event.files[0])
            if len(raws) == BATCH:
                yield first, raws
                first, raws = first + BATCH, []
        if raws:
            yield first, raws


class Register:
    """What ballots must be to each other: the rules that the box keeps as constraints."""

    def __init__(self, credentials: Iterable[Element], *, ordered: bool) -> None:
        self._registered = set(credentials)
        self._used: set[Element] = set()
        self._ciphertexts: set[bytes] = set()
        self._ordered = ordered
        self.trackers: list[str] = []

    def add(self, batch: Batch) -> None:
        """Takes the ballots of a batch, or names what breaks a rule and takes none of them."""
        used: set[Element] = set()
        before = self.trackers[-1] if self.trackers else ""
        pairs = zip(batch.trackers, batch.credentials, strict=True)
        for number, (tracker, credential) in enumerate(pairs, start=len(self.trackers) + 1):
            if credential in self._used or credential in used:
                raise SecondBallot(f"ballot {number}: its credential has voted already")
            if credential not in self._registered:
                raise UnknownCredential(f"ballot {number}: its credential is not registered")
            if self._ordered and not before < tracker:
                raise BadBallot(f"ballot {number}: not in the order of the trackers")
            used.add(credential)
            before = tracker
        ciphertexts = set(batch.ciphertexts)
        fresh = ciphertexts.isdisjoint(self._ciphertexts)
        if not fresh or len(ciphertexts) != len(batch.ciphertexts):
            numbers = f"up to ballot {len(self.trackers) + len(batch.trackers)}"
            raise RepeatedCiphertext(f"a ciphertext stands twice, {numbers}")
        self._used |= used
        self._ciphertexts |= ciphertexts
        self.trackers += batch.trackers


def _check_tally(event: Event, setup: Setup, cast: Cast, report: Report) -> None:
    size = len(cast.trackers)
    with report.check("tally") as found:
        said, digest = tally.decode_sized(event.files[1])
        if digest != sha256(event.files[0]):
            raise BadTally("the number of ballots is given for another tally")
        if event.files[0] != cast.tally.encode():
            raise BadTally("the published tally is not the product of the ballots")
        if said != size:
            raise BadTally(f"{said} ballots are said to be tallied, {size} are cast")
        found["tallied"] = size
    with report.check("enough") as found:
        check_enough(setup.election, size)
        found.update({"tallied": size, "least": setup.election.min_ballots})


def check_enough(election: Election, cast: int) -> None:
    """Raises TooFewBallots if the totals of so few ballots may not be opened."""
    if cast < election.min_ballots:
        raise TooFewBallots(f"{cast} ballots; under {election.min_ballots} none are opened")


def _check_shares(
    event: Event | None,
    events: Iterator[Event],
    setup: Setup,
    cast: Cast,
    report: Report,
) -> tuple[list[Share], Event]:
    """The shares, and the event after them: the result."""
    shares: list[Share] = []
    with report.check("shares") as found:
        while event is not None and event.kind == Kind.PARTIAL_DECRYPTION:
            owner, digest = tally.decode_owned(event.files[1])
            if digest != sha256(event.files[0]):
                raise BadShare(f"trustee {owner}: the owner is given for another share")
            share = Share.decode(event.files[0], owner, setup.election)
            tally.check_share(setup.election, setup.trustees, cast.tally, share)
            shares.append(share)
            event = next(events, None)
        owners = [share.owner for share in shares]
        if event is not None:
            _check_owners(setup, owners)
        found["owners"] = ", ".join(str(owner) for owner in owners)
    if event is None:
        raise Incomplete(f"the archive has {len(shares)} shares and no result yet")
    return shares, event


def _check_owners(setup: Setup, owners: list[int]) -> None:
    """Raises BadShare unless exactly the needed trustees opened the published result."""
    try:
        tally.owners_weights(setup.trustees, owners)
    except Incomplete as error:
        raise BadShare(f"a result without the shares for it: {error}") from None


def _check_result(event: Event, setup: Setup, cast: Cast, shares: list[Share]) -> list[list[int]]:
    published = tally.decode_result(event.files[0], setup.election)
    opened = tally.combine(setup.election, setup.trustees, cast.tally, len(cast.trackers), shares)
    if published != opened:
        raise BadResult("the published totals are not what the shares open")
    return opened


@lru_cache(maxsize=2)
def _election(raw: bytes) -> Election:
    return Election.decode(raw)

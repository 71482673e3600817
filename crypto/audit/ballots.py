"""Check 5: every ballot alone, and all of them against each other (docs/protocol.md §5.3, §9.1).

The checks of single ballots take nearly all the time of an audit and do not depend on each other,
so the caller may spread `check_batch` over processes: that is what a `Run` does. What ballots
must be to each other is checked in one place, by `Register`, in the order of the archive.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from crypto import ballot, tally
from crypto.archive import Event, Kind
from crypto.audit.report import Cast, Report, Setup
from crypto.errors import (
    BadBallot,
    ProtocolError,
    RepeatedCiphertext,
    SecondBallot,
    UnknownCredential,
)
from crypto.group import Element
from crypto.session import Election
from crypto.tally import Tally

BATCH = 8  # ballots; a worker's message stays under 1 MB with 44 officials


@dataclass(frozen=True, slots=True)
class Batch:
    """What a worker reports of some valid ballots, one list entry for each.

    Attributes:
        ciphertexts: of all the ballots, 64 bytes each: alpha and beta.
        tally: the product of the ballots.
    """

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
            # The same two functions by which the ballot box decided (§5.3).
            vote = ballot.decode(raw, election)
            ballot.check(vote, election)
        except ProtocolError as error:
            raise type(error)(f"ballot {number}: {error}") from None
        decoded.append(vote)
        product = product * Tally(tuple(answer.choices for answer in vote.answers))
    return Batch(
        [vote.tracker for vote in decoded],
        [vote.credential for vote in decoded],
        [c.alpha.raw + c.beta.raw for vote in decoded for c in vote.ciphertexts],
        product,
    )


@lru_cache(maxsize=2)
def _election(raw: bytes) -> Election:
    return Election.decode(raw)


def check_here(batches: Iterable[tuple[bytes, int, list[bytes]]]) -> Iterator[Batch]:
    """The simplest `Run`: in this process, one after the other."""
    return (check_batch(*batch) for batch in batches)


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
            # One ballot for each registered credential: nobody votes twice, nobody is added.
            if credential in self._used or credential in used:
                raise SecondBallot(f"ballot {number}: its credential has voted already")
            if credential not in self._registered:
                raise UnknownCredential(f"ballot {number}: its credential is not registered")
            # The order of trackers leaves no trace of the order in which people voted.
            if self._ordered and not before < tracker:
                raise BadBallot(f"ballot {number}: not in the order of the trackers")
            used.add(credential)
            before = tracker
        # A ciphertext copied from another ballot would show in the totals what that one says.
        ciphertexts = set(batch.ciphertexts)
        fresh = ciphertexts.isdisjoint(self._ciphertexts)
        if not fresh or len(ciphertexts) != len(batch.ciphertexts):
            numbers = f"up to ballot {len(self.trackers) + len(batch.trackers)}"
            raise RepeatedCiphertext(f"a ciphertext stands twice, {numbers}")
        self._used |= used
        self._ciphertexts |= ciphertexts
        self.trackers += batch.trackers


def check_ballots(events: Iterator[Event], setup: Setup, report: Report, run: Run) -> Cast:
    """Makes check 5 on the events after Setup, up to and with EndBallots."""
    election, ballots = setup.election, _Ballots(events)
    register = Register(setup.credentials, ordered=election.parameters is not None)
    product = tally.empty(election)
    # (5) ballots: nothing is counted that no registered credential signed and proved valid.
    with report.check("ballots") as facts:
        for batch in run((election.raw, first, raws) for first, raws in ballots.batches()):
            register.add(batch)
            product = product * batch.tally
        facts["cast"] = len(register.trackers)
    return Cast(register.trackers, product, ballots.ended)


class _Ballots:
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

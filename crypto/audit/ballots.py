"""Check 5: every ballot alone, and all of them against each other (docs/protocol.md §5.3, §9.1).

The checks of single ballots take nearly all the time of an audit and do not depend on each other,
so the caller may spread `check_batch` over threads or processes: that is what a `Run` does. What
ballots must be to each other is checked in one place, by `Register`, in the order of the archive.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from secrets import randbelow

from crypto import ballot, tally
from crypto.archive import Event, Kind
from crypto.audit.report import Cast, Report, Setup
from crypto.ballot import Ballot
from crypto.encoding import b64_sha256
from crypto.errors import (
    BackendsDisagree,
    BadBallot,
    ProtocolError,
    RepeatedCiphertext,
    SecondBallot,
    UnknownCredential,
)
from crypto.group import Element, KernelRefusal
from crypto.session import Election
from crypto.tally import Tally

SAMPLE = 3  # ballots of an archive that libsodium checks beside the kernel: 0.5 s of 44 officials
BATCH = 8  # ballots; a worker's message stays under 1 MB with 44 officials


@dataclass(frozen=True, slots=True)
class Batch:
    """What a worker reports of some valid ballots, one list entry for each.

    Attributes:
        ciphertexts: of all the ballots, 64 bytes each: alpha and beta.
        tally: the product of the ballots.
        proved: whether their proofs were checked now, and not before.
    """

    trackers: list[str]
    credentials: list[Element]
    ciphertexts: list[bytes]
    tally: Tally
    proved: bool = field(default=True, compare=False)


# Applies check_batch to each (election, number of the first ballot, ballots), in order.
Run = Callable[[Iterable[tuple[bytes, int, list[bytes]]]], Iterable[Batch]]


def check_batch(election_raw: bytes, first: int, ballots: Sequence[bytes]) -> Batch:
    """Checks ballots on their own and multiplies them; for a worker.

    With the kernel it leaves Python's lock to others meanwhile, so that threads are enough.

    Raises:
        ProtocolError: the detail starts with the number of the ballot in the archive.
        BackendsDisagree: the kernel refuses a ballot that libsodium accepts.
    """
    election = _election(election_raw)
    kernel = ballot.kernel(election)
    if kernel is None:
        return _by_libsodium(election, first, ballots)
    judged = kernel.check(ballots)
    if isinstance(judged, KernelRefusal):
        number = first + judged.ballot
        # The kernel says that something is wrong; what it is, and whether, libsodium says.
        _judged(election, number, ballots[judged.ballot])
        raise BackendsDisagree(
            f"ballot {number}: libsodium accepts it and the kernel does not: {judged}"
        )
    product = tally.of_pairs(election, judged.product)
    return Batch(judged.trackers, judged.credentials, judged.ciphertexts, product)


def _by_libsodium(election: Election, first: int, ballots: Sequence[bytes]) -> Batch:
    product = tally.empty(election)
    decoded = [_judged(election, number, raw) for number, raw in enumerate(ballots, start=first)]
    for vote in decoded:
        product = product * Tally(tuple(answer.choices for answer in vote.answers))
    return Batch(
        [vote.tracker for vote in decoded],
        [vote.credential for vote in decoded],
        [c.alpha.raw + c.beta.raw for vote in decoded for c in vote.ciphertexts],
        product,
    )


def _judged(election: Election, number: int, raw: bytes) -> Ballot:
    """The ballot, if libsodium accepts it."""
    try:
        # The same two functions by which the ballot box decided (§5.3).
        vote = ballot.decode(raw, election)
        ballot.check(vote, election)
    except ProtocolError as error:
        raise type(error)(f"ballot {number}: {error}") from None
    return vote


def reread_batch(election_raw: bytes, first: int, ballots: Sequence[bytes]) -> Batch:
    """What `check_batch` reported of these very ballots before: decoded and multiplied, no proofs.

    The caller knows each by its tracker, the hash of all its bytes.
    """
    election = _election(election_raw)
    votes: list[tuple[Element, list[Element]]] = []
    for number, raw in enumerate(ballots, start=first):
        try:
            votes.append(ballot.reread(raw, election))
        except ProtocolError as error:
            raise type(error)(f"ballot {number}: {error}") from None
    return Batch(
        [b64_sha256(raw) for raw in ballots],
        [credential for credential, _ in votes],
        [a.raw + b.raw for _, parts in votes for a, b in zip(parts[::2], parts[1::2], strict=True)],
        tally.of_parts(election, [parts for _, parts in votes]),
        proved=False,
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
    product, sample = tally.empty(election), _Sample(election)
    # (5) ballots: nothing is counted that no registered credential signed and proved valid.
    with report.check("ballots") as facts:
        proved = False
        for batch in run(sample.watch(ballots.batches())):
            register.add(batch)
            product = product * batch.tally
            proved |= batch.proved
        if proved:
            sample.check()
        facts["cast"] = len(register.trackers)
    return Cast(register.trackers, product, ballots.ended)


class _Sample:
    """Some ballots of an archive, each as likely as any other, that libsodium judges as well.

    Where the kernel refuses, libsodium always has the last word. Where it accepts, nobody would
    see that it is wrong: a kernel that accepts what it should not is found by these, or by an
    auditor who uses none.
    """

    def __init__(self, election: Election) -> None:
        self._election = election
        self._ballots: list[tuple[int, bytes]] = []

    def watch(
        self, batches: Iterable[tuple[int, list[bytes]]]
    ) -> Iterator[tuple[bytes, int, list[bytes]]]:
        """Hands the batches on as a `Run` takes them."""
        for first, raws in batches:
            for number, raw in enumerate(raws, start=first):
                self._offer(number, raw)
            yield self._election.raw, first, raws

    def _offer(self, number: int, raw: bytes) -> None:
        if len(self._ballots) < SAMPLE:
            self._ballots.append((number, raw))
        elif (place := randbelow(number)) < SAMPLE:
            self._ballots[place] = (number, raw)

    def check(self) -> None:
        """Raises BackendsDisagree if libsodium refuses one; call it when all were accepted."""
        if ballot.kernel(self._election) is None:
            return
        for number, raw in self._ballots:
            refusal = _refusal(self._election.raw, number, raw)
            if refusal is not None:
                raise BackendsDisagree(f"the kernel accepts it and libsodium does not: {refusal}")


@lru_cache(maxsize=16)  # an archive that is audited twice is compared once
def _refusal(election: bytes, number: int, raw: bytes) -> ProtocolError | None:
    try:
        _judged(_election(election), number, raw)
    except ProtocolError as error:
        return error
    return None


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

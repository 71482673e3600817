"""Opening the totals: a trustee's share of a closed archive, and shares onto the archive."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, islice
from pathlib import Path
from typing import BinaryIO, Final

from admin.record import files
from admin.record.audit import rewinding
from crypto import tally
from crypto.archive import Event, Kind, Reader, Stream, Writer
from crypto.audit.archive import audit_ballots
from crypto.audit.ballots import Run
from crypto.audit.report import Cast, Report, Setup
from crypto.encoding import b64_sha256
from crypto.errors import (
    BadResult,
    BadShare,
    BadTally,
    Incomplete,
    Malformed,
    ProtocolError,
    WrongState,
)
from crypto.session import Election
from crypto.tally import Share, Tally
from crypto.trustees import Trustees

# A committee of 12 has 924 choices of 6. Only shares that pass proofs they should not make a second
# choice necessary.
_MOST_CHOICES: Final = 1000


@dataclass(frozen=True, slots=True)
class ClosedArchive:
    """A closed archive that passed checks 1 to 7: the only thing a trustee decrypts."""

    setup: Setup
    cast: Cast


def read_cast(open_archive: Callable[[], Stream]) -> tuple[bytes, list[str]]:
    """election.json and the trackers of an archive; only its container is checked."""
    election, trackers = b"", []
    for event in Reader(open_archive()):
        if event.kind == Kind.SETUP:
            election = event.files[0]
        if event.kind == Kind.BALLOT:
            trackers.append(b64_sha256(event.files[0]))
    return election, trackers


def audit_closed(open_archive: Callable[[], Stream], report: Report, run: Run) -> ClosedArchive:
    """Makes the checks that come before any decryption; errors as for `audit_ballots`."""
    setup, cast, _ = audit_ballots(open_archive, report, run=run)
    return ClosedArchive(setup, cast)


@dataclass(frozen=True, slots=True)
class SentShare:
    """A share file as it came.

    Attributes:
        path: what it is called in errors.
        owner: whose message it is; None where only the file says so.
    """

    path: str
    raw: bytes = field(repr=False)
    owner: int | None = None


@dataclass(frozen=True, slots=True)
class WrongShare:
    """A share that is not used, and why.

    Attributes:
        owner: the trustee; None of a file that does not say.
    """

    path: str
    owner: int | None
    error: ProtocolError


@dataclass(frozen=True, slots=True)
class CheckedShares:
    """What was sent: the shares that pass, at most one of each trustee, and all others."""

    good: Sequence[Share]
    wrong: Sequence[WrongShare]


@dataclass(frozen=True, slots=True)
class OpenedTotals:
    """The totals, the shares that are published with them, and those that were not used."""

    totals: list[list[int]]
    shares: Sequence[Share]
    wrong: Sequence[WrongShare]


def of_messages(messages: Mapping[int, bytes]) -> list[SentShare]:
    """What trustees have left on the server, by their numbers."""
    return [
        SentShare(f"share of trustee {owner}", raw, owner)
        for owner, raw in sorted(messages.items())
    ]


def check_shares(
    election: Election, trustees: Trustees, total: Tally, sent: Iterable[SentShare]
) -> CheckedShares:
    """Decodes and checks share files; a wrong one is named, and does not hold up the others."""
    good: dict[int, Share] = {}
    wrong = []
    for file in sent:
        owner = file.owner
        try:
            share = Share.decode_file(file.raw, file.path, election)
            owner = owner or share.owner
            _check_owner(file, share, good)
            tally.check_share(election, trustees, total, share)
        except (Malformed, BadShare) as error:
            wrong.append(WrongShare(file.path, owner, error))
        else:
            good[owner] = share
    return CheckedShares(list(good.values()), wrong)


def _check_owner(file: SentShare, share: Share, taken: Mapping[int, Share]) -> None:
    """Raises BadShare for a share in another trustee's message, and for a trustee's second."""
    if file.owner not in {None, share.owner}:
        raise BadShare(f"{file.path}: says that it is of trustee {share.owner}")
    if share.owner in taken:
        raise BadShare(f"{file.path}: a second share of trustee {share.owner}")


def find_wrong(open_archive: Callable[[], Stream], sent: Iterable[SentShare]) -> list[WrongShare]:
    """The wrong ones among shares of an archive that nobody has audited here.

    For those who ask whether a share is to be replaced (§7.2), and open nothing with it. Empty
    before the encrypted tally.
    """
    setup: Event | None = None
    for event in Reader(open_archive()):
        if event.kind == Kind.SETUP:
            setup = event
        if event.kind == Kind.ENCRYPTED_TALLY and setup is not None:
            election = Election.decode(setup.files[0])
            trustees = Trustees.decode(setup.files[1])
            total = Tally.decode(event.files[0], election)
            return list(check_shares(election, trustees, total, sent).wrong)
    return []


def open_totals(closed: ClosedArchive, checked: CheckedShares) -> OpenedTotals:
    """The totals from as many shares as are needed: the first given with which they come out.

    Proofs that hold leave no room for a wrong share; should one pass all the same, the totals do
    not come out, other choices are tried, and the one that spoils them is named (§7.3).

    Raises:
        BadShare: too few shares are right; names those that are wrong.
        Incomplete: too few shares are there.
        BadResult: no choice of shares gives possible totals.
    """
    groups = _groups(closed.setup.trustees, checked)
    failure: BadResult | None = None
    for chosen in islice(_choices(groups), _MOST_CHOICES):
        try:
            totals = _combined(closed, chosen)
        except BadResult as error:
            failure = failure or error
            continue
        wrong = list(checked.wrong)
        if failure is not None:
            wrong += _spoilers(closed, groups, chosen, totals)
        return OpenedTotals(totals, chosen, wrong)
    owners = ", ".join(str(share.owner) for share in checked.good)
    raise BadResult(
        f"no choice among the shares of trustees {owners} gives totals ({failure}): "
        "another trustee's share is needed"
    )


def _combined(closed: ClosedArchive, shares: Sequence[Share]) -> list[list[int]]:
    setup, cast = closed.setup, len(closed.cast.trackers)
    partials = [share.partial for share in shares]
    return tally.combine(setup.election, setup.trustees, closed.cast.tally, cast, partials)


def _groups(trustees: Trustees, checked: CheckedShares) -> list[tuple[list[Share], int]]:
    """The shares of each item, and how many it needs; no single trustee is replaceable.

    Raises BadShare or Incomplete if there are too few.
    """
    groups = []
    first = 1
    for item in trustees.items:
        after = first + len(item.verification_keys)
        inside = [share for share in checked.good if first <= share.owner < after]
        if len(inside) < item.threshold:
            there = f"{len(inside)} of {item.threshold} shares are there"
            if not checked.wrong:
                raise Incomplete(there)
            errors = "; ".join(str(share.error) for share in checked.wrong)
            raise BadShare(f"{errors} ({there}; a trustee whose share is wrong may send another)")
        groups.append((inside, item.threshold))
        first = after
    return groups


def _choices(groups: Sequence[tuple[list[Share], int]]) -> Iterator[list[Share]]:
    """Every choice of exactly the needed shares, those given first in the first."""
    if not groups:
        yield []
        return
    (inside, needed), *others = groups
    for chosen in combinations(inside, needed):
        for rest in _choices(others):
            yield [*chosen, *rest]


def _spoilers(
    closed: ClosedArchive,
    groups: Sequence[tuple[list[Share], int]],
    chosen: Sequence[Share],
    totals: list[list[int]],
) -> list[WrongShare]:
    """The shares that give other totals, or none, in the place of one that was chosen."""
    owners = [share.owner for share in chosen]
    spoilers = []
    for inside, _ in groups:
        replaced = next(share.owner for share in inside if share.owner in owners)
        for share in inside:
            trial = [share if other.owner == replaced else other for other in chosen]
            try:
                fits = share.owner in owners or _combined(closed, trial) == totals
            except BadResult:
                fits = False
            if not fits:
                error = BadShare(
                    f"trustee {share.owner}: wrong share: the totals come out with those of "
                    f"trustees {', '.join(map(str, owners))}, and not with this one"
                )
                spoilers.append(WrongShare(f"share of trustee {share.owner}", share.owner, error))
    return spoilers


def append(path: Path, closed: ClosedArchive, opened: OpenedTotals) -> None:
    """Writes shares and the result behind the encrypted tally; all of it or nothing.

    Raises:
        WrongState: the archive has shares already.
        BadTally: it is not the archive that was audited.
    """
    with path.open("rb") as source:
        reader = Reader(rewinding(source)())
        last = deque(reader, maxlen=1)[0]
        if last.kind != Kind.ENCRYPTED_TALLY:
            raise WrongState(f"{path.name}: already ends with {last.kind}")
        if last.files[0] != closed.cast.tally.encode():
            raise BadTally(f"{path.name}: is not the archive that was audited")
        writer = Writer(reader.timestamp, last)
        source.seek(0)
        # Before the archive: where that has its result, they are there (§8.2).
        files.write(statements_path(path), tally.encode_statements(opened.shares))
        with files.replacing(path) as target:
            _copy(source, target)
            for share in opened.shares:
                partial = share.partial
                target.write(writer.partial_decryption(partial.encode(), partial.owned()))
            target.write(writer.result(tally.encode_result(opened.totals)))


def statements_path(archive: Path) -> Path:
    """Where the record's shares.json waits for the record, beside the archive."""
    return archive.with_suffix(".shares.json")


def read_statements(archive: Path) -> bytes:
    """shares.json of an archive with a result. Raises Incomplete if it is not there."""
    path = statements_path(archive)
    if not path.exists():
        raise Incomplete(f"{path} is missing: the trustees' proofs of the totals are in it")
    return path.read_bytes()


def read_result(path: Path, election: Election) -> list[list[int]] | None:
    """The totals in an archive; None if they are not there yet."""
    with path.open("rb") as source:
        last = deque(Reader(source), maxlen=1)[0]
    return tally.decode_result(last.files[0], election) if last.kind == Kind.RESULT else None


def _copy(source: BinaryIO, target: BinaryIO) -> None:
    while chunk := source.read(1 << 20):
        target.write(chunk)

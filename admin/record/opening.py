"""Opening the totals: a trustee's share of a closed archive, and shares onto the archive."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from admin.record import files
from admin.record.audit import rewinding
from crypto import tally
from crypto.archive import Kind, Reader, Stream, Writer
from crypto.audit.archive import audit_ballots
from crypto.audit.ballots import Run
from crypto.audit.report import Cast, Report, Setup
from crypto.errors import BadShare, BadTally, Incomplete, WrongState
from crypto.session import Election
from crypto.tally import Share
from crypto.trustees import Trustees


@dataclass(frozen=True, slots=True)
class ClosedArchive:
    """A closed archive that passed checks 1 to 7: the only thing a trustee decrypts."""

    setup: Setup
    cast: Cast


def audit_closed(open_archive: Callable[[], Stream], report: Report, run: Run) -> ClosedArchive:
    """Makes the checks that come before any decryption; errors as for `audit_ballots`."""
    setup, cast, _ = audit_ballots(open_archive, report, run=run)
    return ClosedArchive(setup, cast)


def check_shares(closed: ClosedArchive, sent: Iterable[tuple[str, bytes]]) -> list[Share]:
    """Decodes and checks share files, and takes as many as are needed, in the given order.

    Raises:
        BadShare: names the file or trustee of a stranger's, second or wrong share.
        Incomplete: too few shares.
    """
    election, trustees = closed.setup.election, closed.setup.trustees
    shares: list[Share] = []
    for path, raw in sent:
        share = Share.decode_file(raw, path, election)
        if any(share.owner == taken.owner for taken in shares):
            raise BadShare(f"{path}: a second share of trustee {share.owner}")
        tally.check_share(election, trustees, closed.cast.tally, share)
        shares.append(share)
    return _needed(trustees, shares)


def _needed(trustees: Trustees, shares: Sequence[Share]) -> list[Share]:
    """As many shares as each item needs, the first given: a single trustee is not replaceable."""
    taken: list[Share] = []
    first = 1
    for item in trustees.items:
        after = first + len(item.verification_keys)
        inside = [share for share in shares if first <= share.owner < after]
        if len(inside) < item.threshold:
            raise Incomplete(f"{len(inside)} of {item.threshold} shares are there")
        taken += inside[: item.threshold]
        first = after
    return taken


def append(path: Path, closed: ClosedArchive, shares: Sequence[Share]) -> list[list[int]]:
    """Writes shares and the result behind the encrypted tally; all of it or nothing.

    Raises:
        WrongState: the archive has shares already.
        BadShare, Incomplete, BadResult: as for `tally.combine`.
    """
    cast, partials = len(closed.cast.trackers), [share.partial for share in shares]
    result = tally.combine(
        closed.setup.election, closed.setup.trustees, closed.cast.tally, cast, partials
    )
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
        files.write(statements_path(path), tally.encode_statements(shares))
        with files.replacing(path) as target:
            _copy(source, target)
            for partial in partials:
                target.write(writer.partial_decryption(partial.encode(), partial.owned()))
            target.write(writer.result(tally.encode_result(result)))
    return result


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

"""Archives of prepared sessions, whole or up to an event: for us and for belenios-tool."""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from admin.demo.committee import OPENERS
from admin.session.books import Books, opened
from crypto import tally
from crypto.archive import Kind, Writer
from crypto.audit.archive import encode_credentials
from crypto.encoding import b64_sha256
from crypto.tally import Share, Tally
from crypto.trustees import Trustees
from tests.bench.prepared import Prepared

_WHEN: Final = 1_700_000_000
_ORDER: Final = (
    *(Kind.SETUP, Kind.BALLOT, Kind.END_BALLOTS, Kind.ENCRYPTED_TALLY),
    *(Kind.PARTIAL_DECRYPTION, Kind.RESULT),
)


@dataclass(frozen=True, slots=True)
class Count:
    """What follows from the ballots: the trustees' keys, the encrypted tally, shares, totals."""

    trustees: Trustees
    tally: Tally = field(repr=False)
    shares: Sequence[Share] = field(repr=False)
    totals: list[list[int]]


def count(session: Prepared) -> Count:
    """The count of all ballots, by the trustees who open the totals."""
    election = session.election
    trustees = _trustees(session)
    product = tally.of_ballots(election, session.ballots)
    shares = [
        tally.decrypt(election, product, owner, session.trustees[owner - 1].secret)
        for owner in OPENERS
    ]
    partials = [share.partial for share in shares]
    totals = tally.combine(election, trustees, product, len(session.ballots), partials)
    return Count(trustees, product, shares, totals)


def write(session: Prepared, counted: Count, last: Kind, folder: Path) -> Path:
    """An archive with everything up to events of this kind, alone in a new folder; its path."""
    writer, election = Writer(_WHEN), session.election
    credentials = sorted((one.credential for one in session.secrets), key=lambda c: c.hex)
    sized = tally.sized(counted.tally, len(session.ballots))
    head = writer.head()
    events = {
        Kind.SETUP: lambda: writer.setup(
            election.raw, counted.trustees.encode(), encode_credentials(credentials)
        ),
        Kind.BALLOT: lambda: b"".join(map(writer.ballot, sorted(session.ballots, key=b64_sha256))),
        Kind.END_BALLOTS: writer.end_ballots,
        Kind.ENCRYPTED_TALLY: lambda: writer.encrypted_tally(counted.tally.encode(), sized),
        Kind.PARTIAL_DECRYPTION: lambda: b"".join(
            writer.partial_decryption(share.partial.encode(), share.partial.owned())
            for share in counted.shares
        ),
        Kind.RESULT: lambda: writer.result(tally.encode_result(counted.totals)),
    }
    folder.mkdir()
    path = folder / f"{session.uuid}.bel"
    wanted = _ORDER[: _ORDER.index(last) + 1]
    path.write_bytes(head + b"".join(events[kind]() for kind in wanted))
    return path


def _trustees(session: Prepared) -> Trustees:
    """The committee's keys, as the books have them."""

    async def look(books: Books) -> Trustees:
        return (await books.session(session.uuid)).electronic.trustees

    async def read(folder: Path) -> Trustees:
        async with opened(session.copy("open", folder)) as books:
            return await look(books)

    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(read(Path(folder) / "data"))

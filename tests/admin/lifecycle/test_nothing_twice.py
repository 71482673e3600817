"""What was checked, decoded or multiplied once is not worked out again, unless it may be other."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

import pytest

from admin.lifecycle import steps
from admin.record.audit import rewinding
from admin.record.opening import audit_closed
from admin.record.product import Product
from admin.session.datadir import DataDir
from crypto import ballot, tally
from crypto.archive import Kind, Reader, Writer
from crypto.audit.ballots import Batch, Run, check_batch, check_here, reread_batch
from crypto.audit.report import Report
from crypto.encoding import b64_sha256
from crypto.errors import BadCheckpoint, BadTally, Malformed, ProtocolError
from storage.box.book import BoxBook
from tests.admin.cli.conftest import office
from tests.counting import counting
from tests.worlds.office import Office, checked_in, closed, reach

pytestmark = pytest.mark.slow

__all__ = ["office"]

VOTERS: Final = 12


def voted(office: Office) -> Office:
    """Everyone has voted; the box is open."""

    def vote(office: Office) -> None:
        assert checked_in(office).session("open", "--yes")[0] == 0
        office.seal_box()
        office.vote(office.folder / "letters.csv", (0, 1, 2, None, 0))

    return reach(office, "voted", vote)


def in_the_box(office: Office) -> list[bytes]:
    """The ballots as the book has them."""

    async def read(box: BoxBook) -> list[bytes]:
        return [raw async for raw in box.ballots(office.uuid)]

    return office.with_books(lambda books: read(books.box))


def election_of(office: Office) -> bytes:
    return office.with_books(lambda books: books.box.session(office.uuid)).election


def product_of(office: Office, ballots: list[bytes]) -> Product:
    batch = reread_batch(election_of(office), 1, ballots)
    return Product(frozenset(batch.trackers), batch.tally)


def archive(office: Office) -> Path:
    return DataDir.open(office.data).archive(office.uuid)


# --- The close ------------------------------------------------------------------------------


@pytest.mark.parametrize(("known", "read"), [(VOTERS, 0), (5, VOTERS - 5), (0, VOTERS)])
def test_the_close_multiplies_what_the_running_product_lacks(office: Office, known: int, read: int):
    """After a restart, or beside another server; the archive passes checks 1 to 7 all the same."""
    running = product_of(voted(office), in_the_box(office)[:known])
    with counting(ballot.decode, check_batch, ballot.reread) as calls:
        office.with_books(lambda books: steps.close(books, office.uuid, running))

    assert calls == {"decode": 0, "check_batch": 0, "reread": read}
    with archive(office).open("rb") as file:
        cast = audit_closed(rewinding(file), Report(), check_here).cast
    assert len(cast.trackers) == VOTERS


def test_a_product_with_a_ballot_that_is_not_in_the_book_is_not_used(office: Office):
    """Whatever it is of: the close multiplies every ballot of the book itself."""
    running = product_of(voted(office), in_the_box(office))
    foreign = Product(running.trackers | {b64_sha256(b"another")}, running.tally * running.tally)
    with counting(ballot.reread) as calls:
        office.with_books(lambda books: steps.close(books, office.uuid, foreign))

    assert calls == {"reread": VOTERS}
    with archive(office).open("rb") as file:
        assert audit_closed(rewinding(file), Report(), check_here).cast.tally == running.tally


def test_a_book_with_other_bytes_than_were_cast_is_not_closed(office: Office):
    """No archive is written, and nothing signed, of a ballot that the box has not judged."""
    first, *_ = in_the_box(voted(office))
    running = product_of(office, in_the_box(office))

    async def damaged(_: BoxBook, uuid: str) -> object:
        assert uuid == office.uuid
        for raw in ballots:
            yield raw

    others = in_the_box(office)[1:]
    for ballots in ([first[:-1] + b" ", *others], others):  # noqa: B007  what the book gives
        with pytest.MonkeyPatch.context() as book:
            book.setattr(BoxBook, "ballots", damaged)
            with pytest.raises(Malformed, match="the box's book"):
                office.with_books(lambda books: steps.close(books, office.uuid, running))
        assert not archive(office).exists()
    office.with_books(lambda books: steps.close(books, office.uuid, running))
    assert archive(office).exists()


# --- The totals -----------------------------------------------------------------------------


def full_checks(seen: list[int]) -> Callable[[], AbstractContextManager[Run]]:
    """Workers that note the number of each ballot that they prove."""

    def run(batches: Iterable[tuple[bytes, int, list[bytes]]]) -> Iterator[Batch]:
        for election, first, ballots in batches:
            seen.extend(range(first, first + len(ballots)))
            yield check_batch(election, first, ballots)

    @contextmanager
    def checks() -> Iterator[Run]:
        yield run

    return checks


def publish(office: Office, seen: list[int]) -> None:
    office.with_books(lambda books: steps.publish(books, office.uuid, full_checks(seen)))


def test_totals_and_record_prove_no_ballot_again(office: Office):
    """The box and a quorum have: each is decoded and multiplied once, and the record is audited."""
    closed(office).share(1, 3)
    seen: list[int] = []
    with counting(check_batch, ballot.check, ballot.reread) as calls:
        publish(office, seen)

    assert seen == []
    assert calls == {"check_batch": 0, "check": 0, "reread": VOTERS}
    assert office.state() == "published"


def rewritten(
    path: Path, change: Callable[[Kind, tuple[bytes, ...]], tuple[bytes, ...] | None]
) -> None:
    """Writes the archive anew with other files; None leaves an event out."""
    with path.open("rb") as file:
        reader = Reader(file)
        events = list(reader)
    writer = Writer(reader.timestamp)
    steps_of = {
        Kind.SETUP: lambda files: writer.setup(*files[:3]),
        Kind.BALLOT: lambda files: writer.ballot(*files),
        Kind.END_BALLOTS: lambda _: writer.end_ballots(),
        Kind.ENCRYPTED_TALLY: lambda files: writer.encrypted_tally(*files),
    }
    parts = [writer.head()]
    for event in events:
        files = change(event.kind, event.files)
        if files is not None:
            parts.append(steps_of[event.kind](files))
    path.write_bytes(b"".join(parts))


def test_a_ballot_that_was_altered_on_the_disk_gets_the_full_check(office: Office):
    """Its bytes are not those that the box has judged; only its own batch is proved."""
    closed(office).share(1, 3)
    ballots = in_the_box(office)

    def altered(kind: Kind, files: tuple[bytes, ...]) -> tuple[bytes, ...]:
        if kind == Kind.BALLOT and files[0] == ballots[9]:
            return (files[0].replace(b'"challenge":"', b'"challenge":"1', 1),)
        return files

    rewritten(archive(office), altered)
    seen: list[int] = []
    with pytest.raises(ProtocolError, match="ballot 10: "):
        publish(office, seen)

    assert seen == [9, 10, 11, 12]
    assert office.state() == "closed"


def test_a_ballot_that_is_missing_on_the_disk_opens_nothing(office: Office):
    """Not even with the tally of the rest: the committee has signed another list."""
    closed(office).share(1, 3)
    ballots, election = in_the_box(office), office.with_books(
        lambda books: books.session(office.uuid)
    ).electronic.election  # fmt: skip
    product_of_others = tally.of_ballots(election, ballots[1:])

    def shorter(kind: Kind, files: tuple[bytes, ...]) -> tuple[bytes, ...] | None:
        if kind == Kind.BALLOT and files[0] == ballots[0]:
            return None
        if kind == Kind.ENCRYPTED_TALLY:
            return product_of_others.encode(), tally.sized(product_of_others, VOTERS - 1)
        return files

    rewritten(archive(office), shorter)
    with pytest.raises(BadCheckpoint, match="not the one whose close the committee has signed"):
        publish(office, [])

    assert office.state() == "closed"


def test_an_altered_tally_accuses_no_trustee(office: Office):
    """It is compared with the product before any share is."""
    closed(office).share(1, 3)
    twice = product_of(office, in_the_box(office)).tally
    twice = twice * twice

    def other(kind: Kind, files: tuple[bytes, ...]) -> tuple[bytes, ...]:
        if kind == Kind.ENCRYPTED_TALLY:
            return twice.encode(), tally.sized(twice, VOTERS)
        return files

    rewritten(archive(office), other)
    with pytest.raises(BadTally, match="not the product of the ballots"):
        publish(office, [])

    assert office.with_books(lambda books: books.registrar.entries(office.uuid)) == []


def test_ballots_whose_list_the_committee_has_not_signed_are_proved(office: Office):
    """A tracker in the book alone is no proof: whoever writes the book could put one there."""
    closed(office).share(1, 3)
    with pytest.MonkeyPatch.context() as book:

        async def fewer(_: BoxBook, uuid: str) -> list[str]:
            assert uuid == office.uuid
            return [b64_sha256(raw) for raw in ballots[1:]]

        ballots, seen = in_the_box(office), list[int]()
        book.setattr(BoxBook, "trackers", fewer)
        publish(office, seen)

    assert seen == list(range(1, VOTERS + 1))

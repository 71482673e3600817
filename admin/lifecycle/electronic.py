"""What the steps do in an electronic vote; whether they may be taken is decided in steps.py.

Every step may be repeated after a crash: what is done already is left, the rest is done. The
registrar moves first where a step takes something away from voters, the box first where a
step is final for ballots. States and checkpoints: docs/protocol.md §6.
"""

import asyncio
from contextlib import suppress
from time import time
from typing import BinaryIO

from admin.lifecycle import shares
from admin.lifecycle.moves import move, settle
from admin.lifecycle.seal import sign
from admin.lifecycle.signing import require_signed_closing
from admin.record import audit, bundle, opening, results
from admin.record.audit import rewinding
from admin.record.files import replacing
from admin.record.opening import ClosedArchive
from admin.record.pool import knowing
from admin.record.product import Product
from admin.session import keys
from admin.session.books import Books
from admin.session.definition import Definition
from admin.session.session import Session
from crypto import checkpoint, note, tally
from crypto.archive import Writer
from crypto.audit import evidence
from crypto.audit.archive import SHARES, encode_credentials
from crypto.audit.ballots import BATCH, Run
from crypto.audit.evidence import Issuance, PaperBallots
from crypto.audit.report import Report
from crypto.checkpoint import Checkpoint
from crypto.encoding import b64_sha256, sha256
from crypto.errors import BadCheckpoint, Malformed, UnknownSession, WrongState
from crypto.group import Element
from crypto.lifecycle import COUNTED, State, Step
from crypto.session import Election
from crypto.tally import Tally


async def open_voting(books: Books, session: Session) -> Checkpoint:
    """Ends registration and fixes the credential list: the box, for the committee to seal.

    Ballots come in once a quorum of it has signed (signing.py).
    """
    uuid = session.uuid
    if session.state == State.CHECKIN:
        await move(books, uuid, Step.OPEN)
    await settle(books, uuid)
    return await _signed(books, uuid, State.OPEN) or await _sign_opening(books, session)


async def resume(books: Books, session: Session) -> None:
    """Registration goes on: a phone missed its place on the proposed list."""
    await move(books, session.uuid, Step.RESUME)


async def close(books: Books, session: Session, running: Product | None = None) -> Checkpoint:
    """Ends the vote: writes the archive and lets both books forget the order of things.

    The signed checkpoint comes last: where it is, everything before it is done.

    Args:
        running: the product of ballots as far as this process has kept it.
    """
    uuid, definition = session.uuid, session.electronic
    if (await books.box.session(uuid)).state != State.CLOSED:
        await books.box.move(uuid, Step.CLOSE)
    if (await books.registrar.session(uuid)).state != State.CLOSED:
        await books.registrar.move(uuid, Step.CLOSE)
    if not books.datadir.archive(uuid).exists():
        await _write_archive(books, definition, running)
    await _forget(books, uuid)
    if (stored := await _signed(books, uuid, State.CLOSED)) is not None:
        return stored
    trackers = await books.box.trackers(uuid)
    registered = (await books.box.counts(uuid))["registered"]
    notes = await books.registrar.notes(uuid)
    paper = await books.registrar.paper.counts(uuid)
    counts = (registered, len(trackers), paper.issued - paper.late, paper.late)
    opening_text = note.parse(notes[State.OPEN]).text
    trackers_json = evidence.encode_trackers(trackers)
    closing = checkpoint.make(
        definition.election, State.CLOSED, counts, trackers_json, opening=opening_text
    )
    await sign(books, closing)
    return closing


async def knowing_cast(books: Books, session: Session, run: Run) -> Run:
    """The same `Run`, which proves nothing again about ballots that are judged twice already.

    The box checked them before it took them, and a quorum of the committee before it signed the
    close, which fixes their trackers (docs/protocol.md §6.4).
    """
    uuid, trackers = session.uuid, await books.box.trackers(session.uuid)
    raw = (await books.registrar.notes(uuid)).get(State.CLOSED)
    if raw is None:
        return run
    await require_signed_closing(books, session)
    closing = Checkpoint.from_body(note.parse(raw).text)
    fixed = closing.digest == sha256(evidence.encode_trackers(trackers))
    election = session.electronic.election.raw
    return knowing(run, election, frozenset(trackers) if fixed else frozenset())


async def count(books: Books, session: Session, run: Run) -> None:
    """Opens the totals with the shares that trustees have sent, and writes them to the archive.

    Wrong shares are named in the journal, and do not hold up right ones.

    Raises:
        NotSigned: fewer than a quorum of the committee has signed the close.
        BadCheckpoint: the archive is not the one that was closed.
        BadShare, Incomplete: too few shares are right, or there.
    """
    uuid, election = session.uuid, session.electronic.election
    await require_signed_closing(books, session)
    path = books.datadir.archive(uuid)
    totals = opening.read_result(path, election)
    if totals is None:
        with path.open("rb") as file:
            closed = opening.audit_closed(rewinding(file), Report(), run)
        await _check_fixed(books, session, closed)
        sent = opening.of_messages(await books.registrar.messages(uuid, "share"))
        trustees = closed.setup.trustees
        checked = opening.check_shares(closed.setup.election, trustees, closed.cast.tally, sent)
        await shares.note(books.registrar, uuid, checked.wrong)
        opened = opening.open_totals(closed, checked)
        await shares.note(books.registrar, uuid, opened.wrong)
        opening.append(path, closed, opened)
        totals = opened.totals
    size = (await books.box.counts(uuid))["cast"]
    result = tally.encode_result(totals)
    await sign(books, checkpoint.make(election, State.TALLIED, (size, size), result))
    await move(books, uuid, Step.TALLY)


async def _check_fixed(books: Books, session: Session, closed: ClosedArchive) -> None:
    """Raises BadCheckpoint: the archive has not what the signed opening and closing fix."""
    notes, setup = await books.registrar.notes(session.uuid), closed.setup
    opened, ended = (
        Checkpoint.from_body(note.parse(notes[state]).text) for state in (State.OPEN, State.CLOSED)
    )
    trackers = sha256(evidence.encode_trackers(closed.cast.trackers))
    contents = (setup.election.phi, sha256(setup.credentials_file), trackers)
    if contents != (ended.phi, opened.digest, ended.digest):
        raise BadCheckpoint("the archive is not the one whose close the committee has signed")


async def publish(books: Books, session: Session, run: Run) -> None:
    """Writes the record, audits it, and makes it available.

    Raises:
        WrongState: the totals have not been opened.
        UnsoundRecord: it does not pass; nothing is handed out, and the session stays as it is.
    """
    uuid = session.uuid
    await settle(books, uuid)
    totals = opening.read_result(books.datadir.archive(uuid), session.electronic.election)
    state = (await books.registrar.session(uuid)).state
    if totals is None or state not in COUNTED:
        raise WrongState("a record is published after the totals are opened")
    await write_record(books, session, totals, run)
    if state != State.PUBLISHED:
        await move(books, uuid, Step.PUBLISH)
    keys.forget_buttons(books.datadir, uuid)


async def fail(books: Books, session: Session, reason: str) -> None:
    """Ends a closed session; the record goes as far as it can, an audit of it is incomplete."""
    uuid = session.uuid
    if session.state != State.FAILED:
        await move(books, uuid, Step.FAIL, f"failed: {reason}")
    await settle(books, uuid)
    await _forget(books, uuid)
    totals = opening.read_result(books.datadir.archive(uuid), session.electronic.election)
    await write_record(books, session, totals)
    keys.forget_buttons(books.datadir, uuid)


async def write_record(
    books: Books, session: Session, totals: list[list[int]] | None, run: Run | None = None
) -> None:
    """The bundle, from the books and the archive; the same again gives the same bytes.

    Args:
        totals: None in a session that failed before they were opened.
        run: audits it before it takes its place; None where it cannot be complete.

    Raises:
        UnsoundRecord: it does not pass; names the check and why.
    """
    uuid, session_file = session.uuid, session.session_file
    archive = books.datadir.archive(uuid)
    tokens = {Element(raw): token for raw, token in await books.box.credentials(uuid)}
    notes = await books.registrar.notes(uuid)
    out = await books.registrar.paper.counts(uuid)
    at_opening = Checkpoint.from_body(note.parse(notes[State.OPEN]).text).count("paper")
    paper = PaperBallots(at_opening, out.issued - out.late, out.late)
    issuance = await _issuance(books, uuid, session.present or 0, paper)
    proposal = await books.registrar.proposal(uuid)
    transcript = b"" if proposal is None else proposal.transcript
    contents = {
        evidence.SESSION: session_file.encode(),
        evidence.TOKENS: evidence.encode_tokens(tokens),
        evidence.CEREMONY: transcript,
        evidence.ISSUANCE: issuance.encode(),
        evidence.CHECKPOINTS: checkpoint.join(
            [notes[state] for state in checkpoint.COUNTS if state in notes]
        ),
    }
    if totals is not None:
        cast = (await books.box.counts(uuid))["cast"]
        document = results.document(
            session.electronic.parameters,
            totals,
            cast=cast,
            session_file=session_file,
            roster=len(await books.registrar.roster(uuid)),
        )
        contents[bundle.RESULTS] = results.encode(document)
        contents[SHARES] = opening.read_statements(archive)
    chair = keys.signer(books.datadir, uuid, "chair")
    with archive.open("rb") as source, replacing(books.datadir.bundle(uuid)) as target:
        bundle.write(target, uuid, source, contents, chair)
        if run is not None:
            audit.check_own(target, run)


async def cancel(books: Books, session: Session, reason: str) -> None:
    """Ends the session without a result; possible only before the close, also on paper."""
    uuid = session.uuid
    if session.state != State.CANCELLED:
        await move(books, uuid, Step.CANCEL, f"cancelled: {reason}")
    await settle(books, uuid)
    await _forget(books, uuid)
    keys.forget_buttons(books.datadir, uuid)


async def _forget(books: Books, uuid: str) -> None:
    """Rewrites both books without codes, logins, requests, recoveries and any order of arrival."""
    with suppress(UnknownSession):  # before the seal, or on paper only: the box does not know it
        await books.box.rewrite(uuid)
    await books.registrar.forget(uuid)


async def _signed(books: Books, uuid: str, state: State) -> Checkpoint | None:
    """What was signed for a state; where only the box has got it, the registrar gets it, too.

    Counts of paper ballots may have changed since: there is never a second text.
    """
    raw = (await books.box.notes(uuid)).get(state)
    if raw is None:
        return None
    if state not in await books.registrar.notes(uuid):
        await books.registrar.put_note(uuid, state, raw)
    return Checkpoint.from_body(note.parse(raw).text)


async def _sign_opening(books: Books, session: Session) -> Checkpoint:
    """The opening checkpoint: since both books have moved, no credential comes to it any more."""
    uuid = session.uuid
    credentials = [Element(raw) for raw, _ in await books.box.credentials(uuid)]
    paper = await books.registrar.paper.counts(uuid)
    present = (await books.registrar.session(uuid)).present or 0
    at_opening = paper.issued - paper.late  # who came since both books moved is late for it
    issuance = await _issuance(books, uuid, present, PaperBallots(at_opening, at_opening))
    counts = (
        len(await books.registrar.roster(uuid)),
        present,
        issuance.issued,
        (await books.box.counts(uuid))["registered"],
        at_opening,
    )
    election, credentials_json = session.electronic.election, encode_credentials(credentials)
    opened = checkpoint.make(
        election, State.OPEN, counts, credentials_json, issuance=issuance.at_opening
    )
    await sign(books, opened)
    return opened


async def _issuance(books: Books, uuid: str, present: int, paper: PaperBallots) -> Issuance:
    """issuance.json as the books have it: tokens by channel and the amendments of the roster."""
    amendments = tuple(raw.decode() for raw in await books.registrar.amendments(uuid))
    return Issuance(present, await books.registrar.issued(uuid), paper, amendments)


async def _write_archive(books: Books, definition: Definition, running: Product | None) -> None:
    election, trustees = definition.election, definition.trustees
    path = books.datadir.archive(election.uuid)
    path.parent.mkdir(parents=True, exist_ok=True)
    credentials = [Element(raw) for raw, _ in await books.box.credentials(election.uuid)]
    with replacing(path) as file:
        writer = Writer(int(time()))
        file.write(writer.head())
        credentials_json = encode_credentials(credentials)
        file.write(writer.setup(election.raw, trustees.encode(), credentials_json))
        total, size = await _write_ballots(books, election, running, writer, file)
        file.write(writer.end_ballots())
        file.write(writer.encrypted_tally(total.encode(), tally.sized(total, size)))


async def _write_ballots(
    books: Books, election: Election, running: Product | None, writer: Writer, file: BinaryIO
) -> tuple[Tally, int]:
    """Writes the ballots; multiplies those that the running product lacks."""
    stored = frozenset(await books.box.trackers(election.uuid))
    # A product of a ballot that is not in the book is not divided: all are multiplied again.
    if running is None or not running.trackers <= stored:
        running = Product(frozenset(), tally.empty(election))
    total, written = running.tally, set[str]()
    batch: list[bytes] = []
    async for raw in books.box.ballots(election.uuid):
        # The box judged the bytes of this tracker, and no others (§5.3).
        if (tracker := b64_sha256(raw)) not in stored:
            raise Malformed(f"{tracker}: the ballot in the box's book is not the one that was cast")
        file.write(writer.ballot(raw))
        written.add(tracker)
        if tracker not in running.trackers:
            batch.append(raw)
        if len(batch) == BATCH:
            total = total * await asyncio.to_thread(tally.of_ballots, election, batch)
            batch = []
    if written != stored:
        raise Malformed("the ballots in the box's book are not those of its trackers")
    return total * tally.of_ballots(election, batch), len(written)

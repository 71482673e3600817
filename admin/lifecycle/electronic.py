"""The session's life after the seal: check-in, open, close, tally, publish, cancel.

Every step may be repeated after a crash: what is done already is left, the rest is done. The
registrar moves first where a step takes something away from voters, the box first where a
step is final for ballots.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from time import time
from typing import TYPE_CHECKING, BinaryIO

from admin.lifecycle import order
from admin.lifecycle.seal import sign
from admin.record import bundle, opening, results
from admin.record.audit import rewinding
from admin.record.files import replacing
from admin.record.pool import workers
from admin.session import keys
from admin.session.books import Books
from admin.session.session import Definition, Session
from crypto import checkpoint, tally
from crypto.archive import Writer
from crypto.audit import evidence
from crypto.audit.archive import encode_credentials
from crypto.audit.ballots import BATCH, Run
from crypto.audit.evidence import Issuance
from crypto.audit.report import Report
from crypto.checkpoint import Checkpoint
from crypto.errors import BadCounts, Refused, UnknownSession, WrongState
from crypto.group import Element
from crypto.lifecycle import NEXT, State, Step
from crypto.tally import Tally

if TYPE_CHECKING:
    from concurrent.futures import Future


async def check_in(books: Books, uuid: str) -> None:
    """Lets voters get tokens. Raises WrongState unless the session is sealed."""
    await _move(books, uuid, Step.CHECK_IN)


async def set_present(books: Books, uuid: str, count: int) -> None:
    """Enters the committee's head count.

    Raises:
        WrongState: not in check-in.
        Refused: fewer than have a token, or more than are on the roster.
    """
    roster = len(await books.registrar.roster(uuid))
    if count > roster:
        raise Refused(f"{count} are present, but the roster has {roster}")
    await books.registrar.set_present(uuid, count)


async def open_voting(books: Books, uuid: str) -> Checkpoint:
    """Ends registration, fixes the credential list, lets ballots in.

    Raises:
        WrongState: not in check-in, or the session that comes first is not closed.
        Refused, NoQuorum: no head count, or one that is too small.
        BadCounts: credentials that no token was issued for.
    """
    session = await books.session(uuid)
    known = session.electronic
    if session.state == State.OPEN and not await _signed(books, uuid, State.OPEN):
        await _settle(books, uuid)
        return await _sign_opening(books, known)
    await order.check_order(books, uuid)
    if session.present is None:
        raise Refused("the committee's head count is missing: enter it with: session present")
    roster = len(await books.registrar.roster(uuid))
    session.registered.check_quorum(session.present, roster)
    issued = sum((await books.registrar.issued(uuid)).values())
    if (registered := (await books.box.counts(uuid))["registered"]) > issued:
        raise BadCounts(f"{registered} credentials are registered, but {issued} tokens are out")
    await _move(books, uuid, Step.OPEN)
    return await _sign_opening(books, known)


async def close(books: Books, uuid: str) -> Checkpoint:
    """Ends the vote: writes the archive and lets both books forget the order of things.

    The signed checkpoint comes last: where it is, everything before it is done.

    Raises:
        WrongState: not open.
    """
    known = (await books.session(uuid)).electronic
    if await box_state(books, uuid) != State.CLOSED:
        await books.box.move(uuid, Step.CLOSE)
    if (await books.registrar.session(uuid)).state != State.CLOSED:
        await books.registrar.move(uuid, Step.CLOSE)
    if not await _signed(books, uuid, State.OPEN):
        await _sign_opening(books, known)
    if not books.datadir.archive(uuid).exists():
        await _write_archive(books, known)
    await books.box.rewrite(uuid)
    await books.registrar.forget(uuid)
    trackers = await books.box.trackers(uuid)
    registered = (await books.box.counts(uuid))["registered"]
    listed = evidence.encode_trackers(trackers)
    counts = (registered, len(trackers))
    made = checkpoint.make(known.election, State.CLOSED, counts, listed)
    await sign(books, made)
    return made


async def count(books: Books, uuid: str, shares: Mapping[str, bytes], run: Run) -> list[list[int]]:
    """Checks the shares and writes the totals to the archive.

    Raises:
        WrongState: not closed, or the close was interrupted and not repeated.
        OnPaper: the session has no totals to be opened.
        BadShare, Incomplete: a share is wrong, or too few are there.
    """
    election = (await books.session(uuid)).electronic.election
    if (await books.registrar.session(uuid)).state != State.CLOSED:
        raise WrongState("totals are opened after the close, once")
    if not await _signed(books, uuid, State.CLOSED):
        raise WrongState("the close is not finished: repeat it with: session close")
    path = books.datadir.archive(uuid)
    totals = opening.read_result(path, election)
    if totals is None:
        with path.open("rb") as file:
            closed = opening.audit_closed(rewinding(file), Report(), run)
        totals = opening.append(path, closed, opening.check_shares(closed, shares.items()))
    size = (await books.box.counts(uuid))["cast"]
    listed = tally.encode_result(totals)
    await sign(books, checkpoint.make(election, State.TALLIED, (size, size), listed))
    await _move(books, uuid, Step.TALLY)
    return totals


async def count_sent(books: Books, uuid: str, checks: Run) -> None:
    """`count` with the shares that the trustees have sent; nothing if the totals are known."""
    if (await books.registrar.session(uuid)).state == State.CLOSED:
        sent = await books.registrar.messages(uuid, "share")
        shares = {f"share of trustee {owner}": raw for owner, raw in sorted(sent.items())}
        await count(books, uuid, shares, checks)


async def publish(books: Books, uuid: str) -> None:
    """Writes the record and makes it available.

    Raises:
        WrongState: the totals have not been opened.
    """
    known = (await books.session(uuid)).electronic
    await _settle(books, uuid)
    state = (await books.registrar.session(uuid)).state
    counted = state in {State.TALLIED, State.PUBLISHED}
    path = books.datadir.archive(uuid)
    totals = opening.read_result(path, known.election) if counted else None
    if totals is None:
        raise WrongState("a record is published after the totals are opened")
    await write_record(books, await books.session(uuid), totals)
    if state != State.PUBLISHED:
        await _move(books, uuid, Step.PUBLISH)
    keys.forget_buttons(books.datadir, uuid)


async def fail(books: Books, uuid: str, reason: str) -> None:
    """Ends a closed session whose totals cannot be opened or are not to be published.

    The record is written as far as it goes; an audit of it ends as incomplete.

    Raises:
        WrongState: it is not closed, or the close was interrupted and not repeated.
    """
    known = (await books.session(uuid)).electronic
    if not await _signed(books, uuid, State.CLOSED):
        raise WrongState("only a closed session fails, after a finished close; before: cancel")
    if (await books.registrar.session(uuid)).state != State.FAILED:
        await _move(books, uuid, Step.FAIL, f"failed: {reason}")
    await _settle(books, uuid)
    totals = opening.read_result(books.datadir.archive(uuid), known.election)
    await write_record(books, await books.session(uuid), totals)
    keys.forget_buttons(books.datadir, uuid)


async def write_record(books: Books, session: Session, totals: list[list[int]] | None) -> None:
    """The bundle, from the books and the archive; the same again gives the same bytes.

    Args:
        totals: None in a session that failed before they were opened.
    """
    uuid, human = session.uuid, session.session_file
    tokens = {Element(raw): token for raw, token in await books.box.credentials(uuid)}
    changed = tuple(note.decode() for note in await books.registrar.amendments(uuid))
    issuance = Issuance(session.present or 0, await books.registrar.issued(uuid), changed)
    notes = await books.registrar.notes(uuid)
    proposal = await books.registrar.proposal(uuid)
    transcript = b"" if proposal is None else proposal.transcript
    contents = {
        evidence.SESSION: human.encode(),
        evidence.TOKENS: evidence.encode_tokens(tokens),
        evidence.CEREMONY: transcript,
        evidence.ISSUANCE: issuance.encode(),
        evidence.CHECKPOINTS: checkpoint.join(
            [notes[state] for state in checkpoint.COUNTS if state in notes]
        ),
    }
    if totals is not None:
        cast = (await books.box.counts(uuid))["cast"]
        made = results.document(
            session.electronic.parameters, totals, cast=cast, session_file=human
        )
        contents[bundle.RESULTS] = results.encode(made)
    archive = books.datadir.archive(uuid)
    chair = keys.signer(books.datadir, uuid, "chair")
    with archive.open("rb") as source, replacing(books.datadir.bundle(uuid)) as target:
        bundle.write(target, uuid, source, contents, chair)


async def cancel(books: Books, uuid: str, reason: str) -> None:
    """Ends the session without a result; possible only before the close."""
    await _move(books, uuid, Step.CANCEL, f"cancelled: {reason}")
    keys.forget_buttons(books.datadir, uuid)


async def _move(books: Books, uuid: str, step: Step, entry: str | None = None) -> None:
    """Moves both books, the registrar first, with a line of the journal if one is given.

    Raises:
        WrongState: the step is not possible now.
    """
    if await _settle(books, uuid) != step:
        await books.registrar.move(uuid, step, entry=entry)
        await _settle(books, uuid)


async def _settle(books: Books, uuid: str) -> Step | None:
    """Finishes the step that only one of the books has made; which one it was."""
    registrar = (await books.registrar.session(uuid)).state
    box = await box_state(books, uuid)
    for (before, step), reached in NEXT.items():
        if (before, reached) == (box, registrar):
            await books.box.move(uuid, step)
            return step
    if (registrar, box) == (State.OPEN, State.CLOSED):  # the one step that the box makes first
        await books.registrar.move(uuid, Step.CLOSE)
        return Step.CLOSE
    return None


async def _signed(books: Books, uuid: str, state: State) -> bool:
    """Whether the checkpoint of a state is in both books: the registrar's gets it last."""
    return state in await books.registrar.notes(uuid)


async def _sign_opening(books: Books, known: Definition) -> Checkpoint:
    """The opening checkpoint: since both books have moved, nothing in it changes any more."""
    uuid = known.election.uuid
    listed = encode_credentials([Element(raw) for raw, _ in await books.box.credentials(uuid)])
    counts = (
        len(await books.registrar.roster(uuid)),
        (await books.registrar.session(uuid)).present or 0,
        sum((await books.registrar.issued(uuid)).values()),
        (await books.box.counts(uuid))["registered"],
    )
    made = checkpoint.make(known.election, State.OPEN, counts, listed)
    await sign(books, made)
    return made


async def box_state(books: Books, uuid: str) -> State | None:
    """The state in the box's book; None before the seal."""
    try:
        return (await books.box.session(uuid)).state
    except UnknownSession:
        return None


async def _write_archive(books: Books, known: Definition) -> None:
    election, trustees = known.election, known.trustees
    path = books.datadir.archive(election.uuid)
    path.parent.mkdir(parents=True, exist_ok=True)
    credentials = [Element(raw) for raw, _ in await books.box.credentials(election.uuid)]
    with replacing(path) as file:
        writer = Writer(int(time()))
        file.write(writer.head())
        listed = encode_credentials(credentials)
        file.write(writer.setup(election.raw, trustees.encode(), listed))
        total, size = await _write_ballots(books, known, writer, file)
        file.write(writer.end_ballots())
        file.write(writer.encrypted_tally(total.encode(), tally.sized(total, size)))


async def _write_ballots(
    books: Books, known: Definition, writer: Writer, file: BinaryIO
) -> tuple[Tally, int]:
    """Writes the ballots and multiplies them in worker processes."""
    total, size = tally.empty(known.election), 0
    waiting: deque[Future[Tally]] = deque()
    batch: list[bytes] = []
    with workers() as pool:
        async for raw in books.box.ballots(known.election.uuid):
            file.write(writer.ballot(raw))
            size += 1
            batch.append(raw)
            if len(batch) == BATCH:
                waiting.append(pool.submit(tally.of_ballots, known.election.raw, batch))
                batch = []
            if len(waiting) > pool.window:
                total = total * await asyncio.wrap_future(waiting.popleft())
        waiting.append(pool.submit(tally.of_ballots, known.election.raw, batch))
        for future in waiting:
            total = total * await asyncio.wrap_future(future)
    return total, size

"""What is done to a session, step by step, by whoever asks: terminal, chat or clock.

Two rules. Whether a step may be taken is decided by `RULES`, the one table of steps, and by what
its checks find; a shell asks `reasons` and puts the codes into words, and decides nothing.
A step itself is one of the functions below: it loads the session once, refuses for the first
reason that has an error, and acts on an electronic vote (electronic.py) or on one on paper only
(on_paper.py).

A step that was interrupted is taken again: it leaves what is done and does the rest. Until it is
done in both books, and its checkpoint is signed, the session counts as being in the state before
(`standing`).

The vote ends in one way for all three. `announce_close` sets the moment after which no ballot is
taken. Then whoever serves the box closes it, for it knows which ballots came in time (`due`, asked
by bot/sides/closing.py); where nobody serves, the terminal does (`finish_close`).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from admin.lifecycle import electronic, on_paper, shares, signing
from admin.lifecycle.moves import move
from admin.paper import ballots
from admin.paper.ballots import PaperNotEntered
from admin.record.paper_definition import OnPaper
from admin.record.pool import once
from admin.record.product import Product
from admin.session.books import Books
from admin.session.session import Session
from admin.session.terms import NoQuorum
from crypto.audit.ballots import Run
from crypto.checkpoint import Checkpoint
from crypto.committee import Moment
from crypto.errors import BadCounts, ProtocolError, Refused, UnknownSession, WrongState
from crypto.lifecycle import FINISHED, VOTED, State, Step, after, possible_from, settled

_POLL: Final = 1.0  # seconds between two looks at a server that is closing
_PATIENCE: Final = 120  # seconds that it may take: the archive of a large session, twice


class Act(StrEnum):
    """What a chair does; the names of the commands of terminal and chat."""

    CHECK_IN = "checkin"
    PRESENT = "present"
    OPEN = "open"
    RESUME = "resume"
    CLOSE = "close"
    PUBLISH = "publish"
    CANCEL = "cancel"
    FAIL = "fail"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Reason:
    """What stands against a step, or should be known before it.

    Attributes:
        code: stable; the words for it are the shells'.
        facts: what the words need.
        error: what the step raises for it; None for a warning.
    """

    code: str
    facts: Mapping[str, object] = field(default_factory=dict)
    error: ProtocolError | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A step that somebody wants to take.

    Attributes:
        count: of a head count, how many are present.
        now: Unix seconds.
    """

    act: Act
    count: int = 0
    now: float = field(default_factory=time.time)


_Check = Callable[[Books, Session, Request], Awaitable[Reason | None]]


# ---- what may stand against a step


async def _unsealed(_books: Books, session: Session, _request: Request) -> Reason | None:
    if session.definition is not None:
        return None
    error = WrongState(f"session {session.uuid} has not been sealed")
    return Reason("wrong_state", {"state": session.state}, error)


async def _on_paper(_books: Books, session: Session, _request: Request) -> Reason | None:
    if not session.on_paper:
        return None
    return Reason("on_paper", {}, OnPaper(f"session {session.uuid} votes on paper only"))


async def _order(books: Books, session: Session, _request: Request) -> Reason | None:
    """The session that this one follows is not over, or nobody here knows whether it is."""
    before = session.session_file.after
    if not before:
        return None
    try:
        state = (await books.registrar.session(before)).state
    except UnknownSession:
        return Reason("before_unknown", {"before": before})
    if state == State.CANCELLED:
        return Reason("before_cancelled", {"before": before})
    if state in VOTED:
        return None
    error = WrongState(f"session {before} comes first and is {state}: close it before this one")
    return Reason("before_not_closed", {"before": before}, error)


async def _over_roster(books: Books, session: Session, request: Request) -> Reason | None:
    roster = len(await books.registrar.roster(session.uuid))
    if request.count <= roster:
        return None
    error = Refused(f"{request.count} are present, but the roster has {roster}")
    return Reason("present_over_roster", {"count": request.count, "roster": roster}, error)


async def _under_issued(books: Books, session: Session, request: Request) -> Reason | None:
    """The book refuses, too: a token may be issued meanwhile; and it counts paper ballots."""
    issued = sum((await books.registrar.issued(session.uuid)).values())
    if request.count >= issued or session.state != State.CHECKIN:
        return None
    error = Refused(f"{issued} tokens are out, but only {request.count} are present: count again")
    return Reason("present_under_issued", {"count": request.count, "issued": issued}, error)


async def _quorum(books: Books, session: Session, _request: Request) -> Reason | None:
    if session.present is None:
        missing = "the committee's head count is missing: enter it with: session present"
        return Reason("present_missing", {}, Refused(missing))
    terms, roster = session.settled_terms, len(await books.registrar.roster(session.uuid))
    whole = session.regime.quorum_of(roster, session.session_file.members(roster))
    try:
        terms.check_quorum(session.present, whole)
    except NoQuorum as error:
        quorum = f"{terms.part}/{terms.of}"
        facts = {"present": session.present, "whole": whole, "quorum": quorum}
        return Reason("no_quorum", facts, error)
    return None


async def _unissued_credentials(books: Books, session: Session, _request: Request) -> Reason | None:
    if session.on_paper:
        return None
    issued = sum((await books.registrar.issued(session.uuid)).values())
    registered = (await books.box.counts(session.uuid))["registered"]
    if registered <= issued:
        return None
    error = BadCounts(f"{registered} credentials are registered, but {issued} tokens are out")
    return Reason("unissued_credentials", {"registered": registered, "issued": issued}, error)


async def _signed_opening(books: Books, session: Session, _request: Request) -> Reason | None:
    """A trustee has signed the opening, and signs no other."""
    owners = ", ".join(map(str, await books.registrar.messages(session.uuid, "opening")))
    if not owners:
        return None
    error = Refused(f"trustees {owners} have signed the opening: check-in cannot be resumed")
    return Reason("opening_signed", {"trustees": owners}, error)


async def _signed_closing(books: Books, session: Session, _request: Request) -> Reason | None:
    """Too few trustees have signed the close: no totals are opened before that."""
    waiting = await signing.awaited(books.registrar, session)
    if waiting is None or waiting.moment is not Moment.CLOSING:
        return None
    facts = {"signed": waiting.signed, "needed": waiting.needed}
    return Reason("closing_unsigned", facts, signing.not_signed(waiting))


async def _few_credentials(books: Books, session: Session, _request: Request) -> Reason | None:
    """Even if everybody votes who has collected, the totals will not be opened."""
    if session.on_paper or session.definition is None:
        return None
    registered = (await books.box.counts(session.uuid))["registered"]
    least = session.policy.min_ballots
    if registered >= least:
        return None
    return Reason("few_credentials", {"registered": registered, "least": least})


async def _untried_keys(books: Books, session: Session, request: Request) -> Reason | None:
    """Too few trustees have tried their keys today; nobody knows that the vote can be counted."""
    if session.on_paper or session.definition is None:
        return None
    terms = session.settled_terms
    checked = await books.registrar.checked_keys(session.uuid, trial_day(request.now))
    missing = [owner for owner in range(1, terms.trustees + 1) if owner not in checked]
    if terms.trustees - len(missing) >= terms.threshold:
        return None
    owners = ", ".join(map(str, missing))
    return Reason("untried", {"missing": owners, "needed": terms.threshold})


async def _closing(books: Books, session: Session, _request: Request) -> Reason | None:
    """The end is announced: it can come earlier; the terminal may also put it off."""
    try:
        closes = (await books.box.session(session.uuid)).closes
    except UnknownSession:
        return None
    return None if closes is None else Reason("closing_already", {"closes": closes})


async def _wrong_shares(books: Books, session: Session, _request: Request) -> Reason | None:
    """Shares that will not be used: the trustees are named while they can send others."""
    if session.on_paper or session.state != State.CLOSED:
        return None
    wrong = await shares.find_wrong(books.registrar, books.datadir, session.uuid)
    if not wrong:
        return None
    owners = ", ".join(str(share.owner) for share in wrong)
    why = "; ".join(str(share.error) for share in wrong)
    return Reason("wrong_shares", {"owners": owners, "why": why})


async def _paper(books: Books, session: Session, _request: Request) -> Reason | None:
    """Paper ballots are out, and no two people have entered the same numbers."""
    if not session.takes_paper or session.state not in _PUBLISHABLE:
        return None
    paper = await ballots.count(books.registrar, session)
    if paper.sums is not None:
        return None
    if session.on_paper:
        message = "the paper ballots have not been entered alike by two people"
        return Reason("paper_not_entered", {}, PaperNotEntered(message))
    return Reason("uncounted", {"issued": paper.issued}) if paper.issued else None


# ---- the table


@dataclass(frozen=True, slots=True)
class Rule:
    """When a step may be taken.

    Attributes:
        states: in which it leads on.
        repeated: in which it only does again what it did, for who repeats it after a crash.
        step: of the life cycle, for the words of a refusal; else `needs` are these words.
        checks: what may stand against it, in the order in which it is refused.
    """

    states: frozenset[State]
    repeated: frozenset[State] = frozenset()
    step: Step | None = None
    needs: str = ""
    checks: tuple[_Check, ...] = ()

    def refusal(self, state: State) -> WrongState:
        """Says when the step is possible."""
        if self.step is not None:
            try:
                after(state, self.step)
            except WrongState as error:
                return error
        return WrongState(f"{self.needs}; the session is {state}")


_PUBLISHABLE: Final = possible_from(Step.TALLY, Step.PUBLISH)

RULES: Final[Mapping[Act, Rule]] = {
    Act.CHECK_IN: Rule(possible_from(Step.CHECK_IN), step=Step.CHECK_IN),
    Act.PRESENT: Rule(
        possible_from(Step.OPEN),
        needs="heads are counted during check-in",
        checks=(_over_roster, _under_issued),
    ),
    Act.OPEN: Rule(
        possible_from(Step.OPEN),
        repeated=frozenset({State.OPENING}),
        step=Step.OPEN,
        checks=(
            *(_unsealed, _order, _quorum, _unissued_credentials),
            *(_few_credentials, _untried_keys),
        ),
    ),
    Act.RESUME: Rule(
        possible_from(Step.RESUME),
        repeated=frozenset({State.CHECKIN}),
        step=Step.RESUME,
        checks=(_unsealed, _signed_opening),
    ),
    Act.CLOSE: Rule(
        possible_from(Step.CLOSE),
        repeated=frozenset({State.CLOSED}),
        step=Step.CLOSE,
        checks=(_unsealed, _closing),
    ),
    Act.PUBLISH: Rule(
        _PUBLISHABLE,
        repeated=frozenset({State.PUBLISHED}),
        needs="a record is published after the close",
        checks=(_unsealed, _signed_closing, _paper, _wrong_shares),
    ),
    Act.CANCEL: Rule(
        possible_from(Step.CANCEL), repeated=frozenset({State.CANCELLED}), step=Step.CANCEL
    ),
    Act.FAIL: Rule(
        possible_from(Step.FAIL),
        repeated=frozenset({State.FAILED}),
        needs="only a closed session fails, after a finished close; one before it is cancelled",
        checks=(_unsealed, _on_paper),
    ),
    Act.NOTE: Rule(frozenset(State) - FINISHED - {State.DRAFT}, repeated=FINISHED | {State.DRAFT}),
}


async def reasons(books: Books, session: Session, request: Request) -> list[Reason]:
    """Everything that stands against a step now: refusals, then warnings; empty: it may be taken.

    A step that would only be repeated is refused as "wrong_state" here: nobody is to be asked
    whether to do what is done.
    """
    rule = RULES[request.act]
    checked = [await check(books, session, request) for check in rule.checks]
    state = await standing(books, session)
    if state not in rule.states:
        checked.append(Reason("wrong_state", {"state": state}, rule.refusal(state)))
    against = [reason for reason in checked if reason is not None]
    return sorted(against, key=lambda reason: reason.error is None)


async def standing(books: Books, session: Session) -> State:
    """The state from which the next step is taken: an interrupted one is still to be taken."""
    try:
        states = (session.state, (await books.box.session(session.uuid)).state)
    except UnknownSession:  # a draft, or on paper only: nothing of it is signed
        return session.state
    return settled(states, await books.registrar.notes(session.uuid))


async def _allowed(books: Books, uuid: str, request: Request) -> Session:
    """The session as it is now.

    Raises:
        ProtocolError: the first reason against the step.
        UnknownSession: there is no such session.
    """
    session, rule = await books.session(uuid), RULES[request.act]
    for reason in await reasons(books, session, request):
        again = reason.code == "wrong_state" and reason.facts["state"] in rule.repeated
        if reason.error is not None and not again:
            raise reason.error
    return session


# ---- the steps


async def check_in(books: Books, uuid: str) -> None:
    """Lets voters get tokens. Raises WrongState unless the session is sealed."""
    await _allowed(books, uuid, Request(Act.CHECK_IN))
    await move(books, uuid, Step.CHECK_IN)


async def set_present(books: Books, uuid: str, count: int) -> None:
    """Enters the committee's head count.

    Raises:
        WrongState: not in check-in.
        Refused: fewer than have a ballot, or more than are on the roster.
    """
    await _allowed(books, uuid, Request(Act.PRESENT, count))
    await books.registrar.set_present(uuid, count)


async def open_voting(books: Books, uuid: str) -> Checkpoint | None:
    """Ends registration and fixes the credential list; with the committee's seal the box opens.

    Returns:
        The opening that the committee is asked to sign; None of a vote on paper only.

    Raises:
        WrongState: not in check-in, or the session that comes first is not closed.
        Refused, NoQuorum: no head count, or one that is too small.
        BadCounts: credentials that no token was issued for.
    """
    session = await _allowed(books, uuid, Request(Act.OPEN))
    if session.on_paper:
        for step in (Step.OPEN, Step.SEAL_BOX):  # there is no box to be sealed
            if (await books.registrar.session(uuid)).state in possible_from(step):
                await move(books, uuid, step)
        return None
    return await electronic.open_voting(books, session)


async def resume(books: Books, uuid: str) -> None:
    """Registration goes on, for a phone that missed its place on the proposed list.

    Raises:
        WrongState: no opening is proposed.
        Refused: a trustee has signed it.
    """
    await electronic.resume(books, await _allowed(books, uuid, Request(Act.RESUME)))


async def under_way(books: Books) -> list[str]:
    """The sessions that may be `due` or `signable`: look often while there is one."""
    return await books.registrar.in_states(State.OPENING, State.OPEN, State.CLOSED)


async def signable(books: Books, among: list[str]) -> list[str]:
    """Those `under_way` whose opening or closing the committee may be signing now."""
    # At check-in the box waits for the registrar's step to the opening.
    at_box = await books.box.in_states(State.CHECKIN, State.OPENING, State.CLOSED)
    return [uuid for uuid in among if uuid in at_box]


async def gather(books: Books, uuid: str) -> bool:
    """Finishes an interrupted opening, and takes in what the committee has signed; ask it often.

    Returns:
        Whether a quorum has signed the closing: then nothing is left to be taken in.
    """
    session = await books.session(uuid)
    if session.on_paper:
        return False
    if session.state == State.OPENING:
        await electronic.open_voting(books, session)
    return await signing.gather(books, uuid)


async def announce_close(
    books: Books, uuid: str, now: int, seconds: int, *, put_off: bool = True
) -> int | None:
    """Says when the vote ends; an end that has passed stays, for ballots may have been refused.

    Args:
        now: Unix seconds.
        put_off: that an end which is announced may become a later one.

    Returns:
        The end in Unix seconds; None of a vote on paper only, and after the close.

    Raises:
        WrongState: neither open nor closed.
    """
    await gather(books, uuid)  # a box that the committee has sealed may not know it yet
    session = await _allowed(books, uuid, Request(Act.CLOSE))
    if session.on_paper or (row := await books.box.session(uuid)).state != State.OPEN:
        return None
    closes = now + seconds
    if row.closes is not None and (row.closes <= now or (row.closes <= closes and not put_off)):
        return row.closes
    await books.box.set_closing(uuid, closes)
    return closes


async def due(books: Books, now: float) -> list[str]:
    """The sessions whose end has come, and those whose close was interrupted."""
    # A box that waits for the step of the registrar's book to the open vote is neither.
    unfinished = await books.registrar.in_states(State.OPEN, State.CLOSED, unsigned=State.CLOSED)
    ended = await books.box.ended(now)
    return [uuid for uuid in unfinished if uuid in ended]


async def finish_close(books: Books, uuid: str) -> Checkpoint | None:
    """After the announced end: waits for the server that closes, else closes; as `close`.

    Raises:
        TimeoutError: the server does not finish.
    """
    waited = 0.0
    while books.datadir.served and State.CLOSED not in await books.box.notes(uuid):
        if waited > _PATIENCE:
            raise TimeoutError("the server has not closed the session")
        await asyncio.sleep(_POLL)
        waited += _POLL
    return await close(books, uuid)


async def close(books: Books, uuid: str, running: Product | None = None) -> Checkpoint | None:
    """Ends the vote now: writes the archive and lets both books forget the order of things.

    Args:
        running: the product of ballots as far as this process has kept it.

    Returns:
        The signed closing; None of a vote on paper only.

    Raises:
        WrongState: not open.
    """
    session = await _allowed(books, uuid, Request(Act.CLOSE))
    if session.on_paper:
        await on_paper.close(books.registrar, session)
        return None
    return await electronic.close(books, session, running)


async def publish(
    books: Books, uuid: str, checks: Callable[[], AbstractContextManager[Run]]
) -> Path:
    """Opens the totals from what trustees have sent, or people have entered; writes the record.

    Args:
        checks: makes the workers that audit the archive and the record.

    Returns:
        The record; of a vote on paper only, its results.

    Raises:
        WrongState: not closed.
        BadShare, Incomplete: a share is wrong, or too few are there.
        UnsoundRecord: the record does not pass its own audit; it is not handed out.
        PaperNotEntered: no two people have entered the same numbers.
    """
    session = await _allowed(books, uuid, Request(Act.PUBLISH))
    if session.on_paper:
        return await on_paper.publish(books, session)
    with checks() as checking:
        run = once(await electronic.knowing_cast(books, session, checking))
        if session.state == State.CLOSED:
            await electronic.count(books, session, run)
        await electronic.publish(books, session, run)
    return books.datadir.bundle(uuid)


async def cancel(books: Books, uuid: str, reason: str) -> None:
    """Ends the session without a result; both books forget. Raises WrongState after the close."""
    await electronic.cancel(books, await _allowed(books, uuid, Request(Act.CANCEL)), reason)


async def fail(books: Books, uuid: str, reason: str) -> None:
    """Ends a closed session whose totals cannot be opened or are not to be published.

    Raises:
        WrongState: not closed, or published.
        OnPaper: it votes on paper only.
    """
    await electronic.fail(books, await _allowed(books, uuid, Request(Act.FAIL)), reason)


async def note(books: Books, uuid: str, text: str) -> None:
    """Records an incident for the minutes; it names no voter. At any time."""
    await _allowed(books, uuid, Request(Act.NOTE))
    await books.registrar.add_entry(uuid, text)


# ---- trial shares


def trial_day(now: float) -> str:
    """The day (UTC) under which a trustee's trial share is noted, YYYY-MM-DD."""
    return time.strftime("%Y-%m-%d", time.gmtime(now))

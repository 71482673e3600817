"""The states of a session and what leads from one to the next.

Everything that decides about states is this file: the table of steps, and the sets of states
that the rest of the program asks about. It does not know who asks, what time it is, or what
else must hold; it says only whether a step is possible now (docs/protocol.md §6.1).
"""

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Final

from crypto.errors import WrongState


class State(StrEnum):
    """Where a session stands."""

    DRAFT = "draft"
    SEALED = "sealed"
    CHECKIN = "checkin"
    OPENING = "opening"
    OPEN = "open"
    CLOSED = "closed"
    TALLIED = "tallied"
    PUBLISHED = "published"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Step(StrEnum):
    """What a chair, the committee or the clock does."""

    SEAL = "seal"
    CHECK_IN = "check-in"
    OPEN = "open"
    SEAL_BOX = "seal the box"
    RESUME = "resume check-in"
    CLOSE = "close"
    TALLY = "tally"
    PUBLISH = "publish"
    CANCEL = "cancel"
    FAIL = "fail"


NEXT: dict[tuple[State, Step], State] = {
    (State.DRAFT, Step.SEAL): State.SEALED,
    (State.SEALED, Step.CHECK_IN): State.CHECKIN,
    (State.CHECKIN, Step.OPEN): State.OPENING,
    (State.OPENING, Step.SEAL_BOX): State.OPEN,
    (State.OPENING, Step.RESUME): State.CHECKIN,
    (State.OPEN, Step.CLOSE): State.CLOSED,
    (State.CLOSED, Step.TALLY): State.TALLIED,
    (State.TALLIED, Step.PUBLISH): State.PUBLISHED,
    (State.DRAFT, Step.CANCEL): State.CANCELLED,
    (State.SEALED, Step.CANCEL): State.CANCELLED,
    (State.CHECKIN, Step.CANCEL): State.CANCELLED,
    (State.OPENING, Step.CANCEL): State.CANCELLED,
    (State.OPEN, Step.CANCEL): State.CANCELLED,
    (State.CLOSED, Step.FAIL): State.FAILED,
    (State.TALLIED, Step.FAIL): State.FAILED,
}


BEFORE_OPENING: Final = frozenset({State.DRAFT, State.SEALED, State.CHECKIN})
UNTIL_OPENING: Final = frozenset({State.SEALED, State.CHECKIN})  # sealed, and not opened yet
BEFORE_VOTING: Final = UNTIL_OPENING | {State.OPENING}  # the box takes no ballot yet
BALLOTS_OUT: Final = frozenset({State.CHECKIN, State.OPENING, State.OPEN})
UNDER_WAY: Final = BALLOTS_OUT | {State.CLOSED, State.TALLIED}
COUNTED: Final = frozenset({State.TALLIED, State.PUBLISHED})  # the totals are known
COUNTABLE: Final = COUNTED | {State.CLOSED}  # closed, and not failed
VOTED: Final = COUNTABLE | {State.FAILED}  # the vote was held: there is an archive of it
ABANDONED: Final = frozenset({State.CANCELLED, State.FAILED})  # ended without a result
OVER: Final = VOTED | ABANDONED  # nobody registers or votes any more
FINISHED: Final = frozenset(State) - {state for state, _ in NEXT}  # no step leads on
VALID: Final = frozenset(State) - {State.DRAFT} - ABANDONED  # sealed, with or towards a result

# Of these states the server signs a checkpoint last; without it, the state before holds.
_CHECKPOINT: Final = {
    State.OPENING: (State.OPEN, State.CHECKIN),
    State.CLOSED: (State.CLOSED, State.OPEN),
}


def possible_from(*steps: Step) -> frozenset[State]:
    """The states in which one of the steps may be taken."""
    return frozenset(state for state, step in NEXT if step in steps)


def settled(states: Iterable[State], checkpoints: Collection[State]) -> State:
    """The state that everybody may rely on, and which an interrupted step has not left yet.

    Args:
        states: as each book has it.
        checkpoints: the states whose checkpoint is signed.
    """
    state = min(states, key=tuple(State).index)
    if state in _CHECKPOINT:
        signed, before = _CHECKPOINT[state]
        return state if signed in checkpoints else before
    return state


def public(state: State) -> State:
    """As people are told: until the committee has sealed the box, it is still check-in."""
    return State.CHECKIN if state is State.OPENING else state


def after(state: State, step: Step) -> State:
    """The state that the step leads to.

    Raises:
        WrongState: the step is not possible in this state; the detail says when it is.
    """
    following = NEXT.get((state, step))
    if following is None:
        possible = ", ".join(before for before, doing in NEXT if doing == step)
        raise WrongState(f'"{step}" is possible only from: {possible}; the session is {state}')
    return following

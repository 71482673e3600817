"""The states of a session and what leads from one to the next.

Everything that decides about states is this table. It does not know who asks, what time it
is, or what else must hold; it says only whether a step is possible now (docs/protocol.md §6).
"""

from enum import StrEnum

from crypto.errors import WrongState


class State(StrEnum):
    """Where a session stands."""

    DRAFT = "draft"
    SEALED = "sealed"
    CHECKIN = "checkin"
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
    CLOSE = "close"
    TALLY = "tally"
    PUBLISH = "publish"
    CANCEL = "cancel"
    FAIL = "fail"


NEXT: dict[tuple[State, Step], State] = {
    (State.DRAFT, Step.SEAL): State.SEALED,
    (State.SEALED, Step.CHECK_IN): State.CHECKIN,
    (State.CHECKIN, Step.OPEN): State.OPEN,
    (State.OPEN, Step.CLOSE): State.CLOSED,
    (State.CLOSED, Step.TALLY): State.TALLIED,
    (State.TALLIED, Step.PUBLISH): State.PUBLISHED,
    (State.DRAFT, Step.CANCEL): State.CANCELLED,
    (State.SEALED, Step.CANCEL): State.CANCELLED,
    (State.CHECKIN, Step.CANCEL): State.CANCELLED,
    (State.OPEN, Step.CANCEL): State.CANCELLED,
    (State.CLOSED, Step.FAIL): State.FAILED,
    (State.TALLIED, Step.FAIL): State.FAILED,
}


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

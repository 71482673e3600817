"""crypto/lifecycle.py against a plain model written from the design, not from the table."""

from itertools import product

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from crypto.errors import Refused, WrongState
from crypto.lifecycle import State, Step, after, public, settled

# draft ─seal→ sealed ─check-in→ checkin ─open→ opening ─seal the box→ open ─close→ closed ─tally→
# tallied ─publish→ published; back from opening to checkin while no trustee has signed; cancel
# only before close; after close the only other end is failed.
FORWARD = {
    "draft": ("seal", "sealed"),
    "sealed": ("check-in", "checkin"),
    "checkin": ("open", "opening"),
    "opening": ("seal the box", "open"),
    "open": ("close", "closed"),
    "closed": ("tally", "tallied"),
    "tallied": ("publish", "published"),
}
BEFORE_CLOSE = ("draft", "sealed", "checkin", "opening", "open")
BEFORE_PUBLICATION = ("closed", "tallied")


def model(state: str, step: str) -> str | None:
    """Where a step leads, None where it is not possible."""
    if step == "cancel":
        return "cancelled" if state in BEFORE_CLOSE else None
    if step == "resume check-in":
        return "checkin" if state == "opening" else None
    if step == "fail":
        return "failed" if state in BEFORE_PUBLICATION else None
    name, following = FORWARD.get(state, ("", ""))
    return following if step == name else None


@pytest.mark.parametrize(("state", "step"), list(product(State, Step)))
def test_every_state_and_step(state: State, step: Step):
    """100 pairs: fifteen lead on, the others are refused with the states they are possible from."""
    expected = model(state, step)
    if expected is not None:
        assert after(state, step) == expected
        return
    with pytest.raises(WrongState, match=f'"{step}" is possible only from: .*session is {state}'):
        after(state, step)


def test_there_are_as_many_as_the_model_has():
    """The model knows every state and step there is."""
    assert {*FORWARD, "published", "cancelled", "failed"} == set(State)
    assert {name for name, _ in FORWARD.values()} | {"cancel", "fail", "resume check-in"} == set(
        Step
    )
    assert sum(model(state, step) is not None for state, step in product(State, Step)) == 15


@pytest.mark.parametrize("state", [State.PUBLISHED, State.CANCELLED, State.FAILED])
def test_ends_are_final(state: State):
    """Nothing leads away from an end."""
    for step in Step:
        with pytest.raises(Refused):
            after(state, step)


@pytest.mark.parametrize(
    ("states", "signed", "expected"),
    [
        ((State.CHECKIN, State.CHECKIN), (), State.CHECKIN),
        ((State.OPENING, State.CHECKIN), (), State.CHECKIN),
        ((State.OPENING, State.OPENING), (), State.CHECKIN),
        ((State.OPENING, State.OPENING), (State.OPEN,), State.OPENING),
        ((State.OPEN, State.OPENING), (State.OPEN,), State.OPENING),
        ((State.OPEN, State.OPEN), (State.OPEN,), State.OPEN),
        ((State.OPEN, State.CLOSED), (State.OPEN,), State.OPEN),
        ((State.CLOSED, State.CLOSED), (State.OPEN,), State.OPEN),
        ((State.CLOSED, State.CLOSED), (State.OPEN, State.CLOSED), State.CLOSED),
    ],
)
def test_state_that_everybody_may_rely_on(
    states: tuple[State, ...], signed: tuple[State, ...], expected: State
):
    """The earlier one of two books, and none whose checkpoint the server has not signed."""
    assert settled(states, signed) == expected


def test_people_are_told_of_no_opening():
    """Until a quorum has sealed the box it is check-in for everybody."""
    assert {state: public(state) for state in State if public(state) != state} == {
        State.OPENING: State.CHECKIN
    }


class Life(RuleBasedStateMachine):
    """Any sequence of steps: the program and the model never part."""

    def __init__(self) -> None:
        super().__init__()
        self.state = State.DRAFT
        self.said = "draft"
        self.past = ["draft"]

    @rule(step=st.sampled_from(Step))
    def take(self, step: Step) -> None:
        expected = model(self.said, step)
        try:
            self.state = after(self.state, step)
        except WrongState:
            assert expected is None
            return
        assert expected is not None
        self.said = expected
        self.past.append(expected)

    @invariant()
    def agree(self) -> None:
        assert self.state == self.said

    @invariant()
    def never_back(self) -> None:
        """No state is entered twice, but check-in, and an opening that nobody had signed."""
        assert len(set(self.past) - {"checkin", "opening"}) == sum(
            state not in {"checkin", "opening"} for state in self.past
        )

    @invariant()
    def never_opened_early(self) -> None:
        """Nothing is tallied that was not open and then closed."""
        if "tallied" in self.past:
            once = list(dict.fromkeys(self.past))
            assert once[:7] == [
                *("draft", "sealed", "checkin", "opening", "open", "closed", "tallied")
            ]

    @invariant()
    def never_cancelled_late(self) -> None:
        assert not {"closed", "cancelled"} <= set(self.past)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=30, stateful_step_count=20)

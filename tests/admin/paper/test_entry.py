"""Ballots entered one by one: the sums are those of the pile, the order of the pile is nowhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.paper import sums
from admin.paper.entry import BLANK, Keys, MarkedBallot, Pending
from admin.record.session_file import Block
from admin.rules.channel import Marks, Pile
from crypto.errors import Refused
from tests.admin.paper.test_sums import OFFICIALS, ONE, POLICY, RULES

TWO = sums.ballot_form(OFFICIALS, RULES, POLICY, (Block("Khối một", 1), Block("Khối hai", 2)))
BALLOTS = st.one_of(
    st.just(MarkedBallot((), invalid=True)), st.tuples(*[st.integers(0, 3)] * 3).map(MarkedBallot)
)


def entered(*ballots: MarkedBallot) -> Pending:
    pending = Pending.begin(ONE)
    for ballot in ballots:
        pending = pending.record(ballot)
    return pending


@given(st.lists(BALLOTS, max_size=20))
def test_the_sums_are_those_of_a_plain_count(ballots: list[MarkedBallot]):
    """Compared with counting the finished pile."""
    entry = entered(*ballots).finish().entry(30)
    valid = [ballot for ballot in ballots if not ballot.invalid]

    assert entry.piles == (Pile(len(ballots), len(ballots) - len(valid)),)
    for official, line in enumerate(entry.officials):
        marks = [ballot.marks[official] for ballot in valid]
        assert line == Marks(tuple(marks.count(key) for key in (1, 2, 3)), marks.count(BLANK))


@given(st.lists(BALLOTS, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_what_is_kept_does_not_tell_the_order(ballots: list[MarkedBallot], chance):
    """Any other order that ends with the same ballot leaves the same bytes."""
    *before, last = ballots
    shuffled = before.copy()
    chance.shuffle(shuffled)

    assert entered(*before, last).encode() == entered(*shuffled, last).encode()


@given(st.lists(BALLOTS, max_size=8), BALLOTS)
def test_the_last_ballot_can_be_taken_back_once(ballots: list[MarkedBallot], wrong: MarkedBallot):
    """Then the sums are as before it, and nothing more can be taken back."""
    taken = entered(*ballots, wrong).undo()

    assert taken.sums == entered(*ballots).sums
    assert taken.number == len(ballots) + 1
    with pytest.raises(Refused, match="only the last"):
        taken.undo()


@given(st.lists(BALLOTS, max_size=8))
def test_after_a_crash_it_goes_on(ballots: list[MarkedBallot]):
    """What is kept after each ballot is everything."""
    pending = entered(*ballots)
    assert Pending.decode(pending.encode()) == pending


def test_each_khoi_is_entered_by_itself():
    """The running number begins anew, and a finished khối is not taken back."""
    pending = Pending.begin(TWO).record(MarkedBallot((1,))).record(MarkedBallot((2,))).finish()
    assert pending.number == 1
    with pytest.raises(Refused):
        pending.undo()
    pending = pending.record(MarkedBallot((3, BLANK))).finish()

    entry = pending.entry(5)
    assert entry.piles == (Pile(2, 0), Pile(1, 0))
    assert entry.officials == (Marks((1, 1, 0), 0), Marks((0, 0, 1), 0), Marks((0, 0, 0), 1))


class TestKeys:
    def test_levels_and_blank_have_keys_and_others_do_nothing(self):
        keys = Keys(3, 3, whole=False)
        assert [keys.mark(key) for key in "4x1 0"] == [False, False, True, False, True]
        keys.back()
        assert [keys.mark(key) for key in ("²", "\x1b[A", "", "3", "2", "1")] == [
            *(False, False, False),
            *(True, True),
            False,
        ]
        assert keys.ballot() == MarkedBallot((1, 3, 2))

    def test_a_blank_line_spoils_the_ballot_where_the_session_says_so(self):
        keys = Keys(2, 2, whole=True)
        keys.mark("1")
        keys.mark("0")
        assert keys.ballot() == MarkedBallot((), invalid=True)

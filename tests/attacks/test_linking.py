"""The attack that is measured: it finds what is planted, and its interval is the textbook's."""

import pytest

from tests.attacks.linking.interval import interval, tail
from tests.attacks.linking.matching import BACKWARDS, crossed


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [(0, 10, 0.0, 0.3085), (1, 10, 0.0025, 0.4450), (5, 10, 0.1871, 0.8129), (10, 10, 0.6915, 1)],
)
def test_interval_is_that_of_the_tables(hits: int, trials: int, low: float, high: float):
    """Clopper and Pearson, 95 %."""
    assert interval(hits, trials) == pytest.approx((low, high), abs=1e-4)
    assert tail(0, trials, 0.3) == 1
    assert tail(trials, trials, 0.5) == pytest.approx(2**-trials)


def test_the_best_pair_is_chosen_in_other_sessions():
    """What is right by chance in one session counts for nothing, a leak that is in all does."""
    chance = [{"a × b": 3 * (i == 0), "c × d": 3 * (i == 1)} for i in range(4)]
    leak = [{**session, "e × f" + BACKWARDS: 20} for session in chance]

    assert crossed(chance)[0] == 0
    assert crossed(leak) == (80, ["e × f" + BACKWARDS] * 2)

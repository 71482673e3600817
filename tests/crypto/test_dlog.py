"""crypto/dlog.py: totals are found exactly within their bound."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.dlog import small_logs
from crypto.errors import BadResult
from crypto.group import G, Q


@pytest.mark.parametrize("bound", [*range(12), 15, 16, 17, 24, 25, 26, 81])
def test_every_total_and_nothing_beyond(bound: int) -> None:
    """Every number from 0 to the bound is found, and none above or below it.

    The next numbers above the bound and below 0 are among those that the search sees.
    """
    numbers = list(range(bound + 1))
    assert small_logs([G**n for n in numbers], bound) == numbers
    for n in (bound + 1, bound + 2, -1, -2, Q // 2):
        with pytest.raises(BadResult):
            small_logs([G**n], bound)


@given(numbers=st.lists(st.integers(0, 100_000), max_size=5))
def test_large_totals(numbers: list[int]) -> None:
    """Totals of the largest assemblies are found, in the order given."""
    assert small_logs([G**n for n in numbers], 100_000) == numbers


@pytest.mark.parametrize("position", [1, 2, 3])
def test_position_is_named(position: int) -> None:
    """The error names the first total that is none, from 1."""
    members = [G, G, G]
    members[position - 1] = G**7
    with pytest.raises(BadResult, match=f"total {position} is not a number from 0 to 5"):
        small_logs(members, 5)


def test_nothing_to_find() -> None:
    """No elements, no numbers."""
    assert small_logs([], 5) == []

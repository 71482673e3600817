"""admin/record/product.py: a product that names its ballots, whoever came when."""

from itertools import permutations

import pytest

from admin.record.product import Product, RunningProducts
from crypto import tally
from crypto.audit.ballots import Batch, check_batch
from crypto.tally import Tally
from tests.testkit import honest, product, session

UUID = "VectorsPhieuKin1"


def batches() -> list[Batch]:
    """One of each ballot of the kit's session."""
    return [check_batch(session().election.raw, 1, [raw]) for raw in honest().ballots]


def test_the_product_of_what_came():
    """In any order, eight at a time in a thread or as asked for, again or not: one product."""
    each = batches()
    expected = product(session().election, honest().ballots)
    for order in (each, each[::-1], [*each, *each[:3]]):
        running = RunningProducts()
        for batch in order:
            running.add(UUID, batch.trackers, batch.tally)
        trackers = frozenset(tracker for batch in each for tracker in batch.trackers)
        assert running.of(UUID) == Product(trackers, expected)


def test_sessions_are_apart():
    """Before its first ballot a session has no product, and none after it is forgotten."""
    first, second, *_ = batches()
    running = RunningProducts()
    running.add("one", first.trackers, first.tally)
    running.add("two", second.trackers, second.tally)

    assert running.of("one") == Product(frozenset(first.trackers), first.tally)
    assert running.of("three") is None
    running.forget("one")
    assert running.of("one") is None
    assert running.of("two") == Product(frozenset(second.trackers), second.tally)


def test_ballots_that_came_together_are_not_multiplied_twice():
    """Two of which one is there already are left to the close: nothing is counted twice."""
    for first, second, third in permutations(batches()[:3]):
        running = RunningProducts()
        running.add(UUID, [*first.trackers, *second.trackers], first.tally * second.tally)
        running.of(UUID)
        running.add(UUID, [*second.trackers, *third.trackers], second.tally * third.tally)
        product = running.of(UUID)
        assert product == Product(
            frozenset([*first.trackers, *second.trackers]), first.tally * second.tally
        )
        assert tally.empty(session().election) * first.tally == first.tally


def test_what_fails_to_be_multiplied_is_not_named(monkeypatch: pytest.MonkeyPatch):
    """The product is of fewer ballots then, and says so; the close multiplies the rest."""
    first, second, *_ = batches()
    running = RunningProducts()
    running.add(UUID, first.trackers, first.tally)
    before = running.of(UUID)
    running.add(UUID, second.trackers, second.tally)

    def full(*_: Tally) -> Tally:
        raise MemoryError

    with monkeypatch.context() as broken:
        broken.setattr(Tally, "__mul__", full)
        with pytest.raises(MemoryError):
            running.of(UUID)
    assert running.of(UUID) == before == Product(frozenset(first.trackers), first.tally)

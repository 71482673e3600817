"""The attack: an order of people, found on the disk, is laid beside an order of ballots.

An order is where in a file somebody's values stand first or last, how the rows of a table come,
what number or how large a value a row has. All orders of people are tried with all orders of
ballots, forwards and backwards. Which pair is the best, other sessions have told (`crossed`): the
best of thousands in the same session would be right by chance.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from crypto.encoding import sha256
from tests.attacks.disk import Disk, Truth, _bytes, _tables, _voter, side_of
from tests.attacks.needles import BOX, REGISTRAR

Signals = dict[str, dict[int, float]]  # the name of an order, then each voter's place in it
Hits = dict[str, int]  # the name of a pair of orders, then how many people it matches rightly
BACKWARDS: Final = " backwards"


def hits(disk: Disk, truth: Truth) -> Hits:
    """For every pair of an order of people and one of ballots, how many pairs are right."""
    signals = {side: _sorted(found, truth) for side, found in _signals(disk, truth).items()}
    matched = {}
    for person, people in signals[REGISTRAR].items():
        for ballot, ballots in signals[BOX].items():
            pair = f"{person} × {ballot}"
            matched[pair] = _right(people, ballots)
            matched[pair + BACKWARDS] = _right(people, ballots[::-1])
    return matched


def _right(people: Sequence[int], ballots: Sequence[int]) -> int:
    return sum(person == ballot for person, ballot in zip(people, ballots, strict=True))


def crossed(sessions: Sequence[Hits]) -> tuple[int, list[str]]:
    """Hits by the pair that is best in the other half of the sessions; which pairs those are."""
    total, pairs = 0, []
    for half in (0, 1):
        learned, judged = sessions[1 - half :: 2], sessions[half::2]
        best = _best(learned)
        total += sum(session.get(best, 0) for session in judged)
        pairs.append(best)
    return total, pairs


def _best(sessions: Iterable[Hits]) -> str:
    sums: Hits = {}
    for session in sessions:
        for pair, number in session.items():
            sums[pair] = sums.get(pair, 0) + number
    return max(sums, key=lambda pair: (sums[pair], pair), default="")


def _sorted(signals: Signals, truth: Truth) -> dict[str, list[int]]:
    """The voters in each order that has all of them; who is equal comes in an order of no kind."""
    return {
        name: sorted(places, key=lambda i: (places[i], sha256(f"{name} {i}".encode())))
        for name, places in signals.items()
        if len(places) == truth.size and len(set(places.values())) > 1
    }


def _signals(disk: Disk, truth: Truth) -> dict[str, Signals]:
    sides: dict[str, Signals] = {REGISTRAR: {}, BOX: {}}
    for side, name, voter, place in _places(disk, truth):
        sides[side].setdefault(name.replace(truth.uuid, "UUID"), {})[voter] = place
    return sides


def _places(disk: Disk, truth: Truth) -> Iterator[tuple[str, str, int, float]]:
    """(side, order, voter, place) for all that orders voters."""
    for name, data in disk.files.items():
        yield from _offsets(name, data, truth)
    for name, book in disk.books():
        if side := side_of(name):
            for table, rows in _tables(book):
                yield from ((side, *one) for one in _of_rows(f"{name} {table}", rows, truth))


def _offsets(name: str, data: bytes, truth: Truth) -> Iterator[tuple[str, str, int, float]]:
    at: dict[tuple[str, str, int], list[int]] = {}
    for offset, needle in truth.hits(data):
        side = BOX if needle.side == BOX else REGISTRAR  # what is forgotten was a person's
        at.setdefault((side, needle.what, needle.voter), []).append(offset)
    for (side, what, voter), offsets in at.items():
        yield side, f"{name}: first {what}", voter, float(min(offsets))
        yield side, f"{name}: last {what}", voter, float(max(offsets))


def _of_rows(
    where: str, rows: Sequence[Mapping[str, object]], truth: Truth
) -> Iterator[tuple[str, int, float]]:
    for place, row in enumerate(rows):
        voter = _voter(row, truth)
        if voter is None:
            continue
        yield f"{where}.row", voter, float(place)
        for column, value in row.items():
            if isinstance(value, int | float):
                yield f"{where}.{column}", voter, float(value)
            yield f"{where}.{column} size", voter, float(len(_bytes(value)))

"""Rows that may be the same person, in other spelling or nearly so: warnings, never refusals.

Vietnam has many people of one name, so a warning needs more than that: names that differ only in
case, marks, đ or the order of words, unless the birth dates say otherwise; or names a letter
apart with the same birth date, or with a position that nearly nobody else has.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from admin.rules.sheet_table import fold

RARE: Final = 3  # a position that so many people have still tells one from another
CROWD: Final = 20_000  # among more people than this, every name is a letter from another


@dataclass(frozen=True, slots=True)
class Traits:
    """A row of a spreadsheet, reduced to the columns that tell people apart.

    Attributes:
        row: where in the spreadsheet.
        birth: YYYY-MM-DD, YYYY, or nothing.
        position: with the unit.
    """

    row: int
    name: str
    birth: str = ""
    position: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows that may be one person: ``same_name``, ``other_spelling`` or ``similar_name``."""

    first: Traits
    second: Traits
    code: str


def pairs(people: Sequence[Traits]) -> list[Pair]:
    """All such pairs, in the order of their second rows; linear in the number of people."""
    twins = [*_same(people), *(_similar(people) if len(people) <= CROWD else ())]
    return sorted(twins, key=lambda pair: (pair.second.row, pair.first.row))


def _same(people: Sequence[Traits]) -> Iterator[Pair]:
    groups: defaultdict[str, list[Traits]] = defaultdict(list)
    for person in people:
        group = groups[" ".join(sorted(fold(person.name).split()))]
        first = next((earlier for earlier in group if not _born_apart(person, earlier)), None)
        if first is not None:
            same = first.name == person.name
            yield Pair(first, person, "same_name" if same else "other_spelling")
        group.append(person)


def _similar(people: Sequence[Traits]) -> Iterator[Pair]:
    holders: defaultdict[str, int] = defaultdict(int)
    for person in people:
        holders[fold(person.position)] += 1
    holding: defaultdict[tuple[str, str], list[Traits]] = defaultdict(list)
    for person in people:
        position = fold(person.position)
        anchors = [person.birth] if len(person.birth) > len("YYYY") else []
        anchors += [position] if position and holders[position] <= RARE else []
        near: dict[int, Traits] = {}
        for key in ((anchor, part) for anchor in anchors for part in _parts(person.name)):
            near |= {earlier.row: earlier for earlier in holding[key] if _near(person, earlier)}
            holding[key].append(person)
        yield from (Pair(earlier, person, "similar_name") for earlier in near.values())


def _near(first: Traits, second: Traits) -> bool:
    names = ["".join(sorted(fold(person.name).split())) for person in (first, second)]
    return first.row != second.row and names[0] != names[1] and not _born_apart(first, second)


def _parts(name: str) -> set[str]:
    """The name without any one of its letters: names a letter apart have such a part in common."""
    letters = fold(name).replace(" ", "")
    return {letters} | {letters[:i] + letters[i + 1 :] for i in range(len(letters))}


def _born_apart(first: Traits, second: Traits) -> bool:
    """Whether both birth dates are known and differ as far as both are known."""
    precision = min(len(first.birth), len(second.birth))
    return first.birth[:precision] != second.birth[:precision]

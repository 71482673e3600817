"""One person written twice: by other spelling, or nearly so. These are warnings, never refusals.

Vietnam has many people of one name, so a warning needs more than that: names that differ only in
case, marks, đ or the order of words, unless the birth dates say otherwise; or names a letter
apart with the same birth date, or with a position that nearly nobody else has.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from admin.prepare.sheet import fold

RARE: Final = 3  # a position that so many people have still tells one from another
CROWD: Final = 20_000  # among more people than this, every name is a letter from another


@dataclass(frozen=True, slots=True)
class Person:
    """What tells a person from another.

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

    first: Person
    second: Person
    code: str


def pairs(people: Sequence[Person]) -> list[Pair]:
    """All such pairs, in the order of their second rows; linear in the number of people."""
    found = [*_same(people), *(_similar(people) if len(people) <= CROWD else ())]
    return sorted(found, key=lambda pair: (pair.second.row, pair.first.row))


def _same(people: Sequence[Person]) -> Iterator[Pair]:
    groups: defaultdict[str, list[Person]] = defaultdict(list)
    for person in people:
        group = groups[" ".join(sorted(fold(person.name).split()))]
        first = next((other for other in group if not _born_apart(person, other)), None)
        if first is not None:
            same = first.name == person.name
            yield Pair(first, person, "same_name" if same else "other_spelling")
        group.append(person)


def _similar(people: Sequence[Person]) -> Iterator[Pair]:
    holders: defaultdict[str, int] = defaultdict(int)
    for person in people:
        holders[fold(person.position)] += 1
    seen: defaultdict[tuple[str, str], list[Person]] = defaultdict(list)
    for person in people:
        position = fold(person.position)
        anchors = [person.birth] if len(person.birth) > len("YYYY") else []
        anchors += [position] if position and holders[position] <= RARE else []
        near: dict[int, Person] = {}
        for key in ((anchor, part) for anchor in anchors for part in _parts(person.name)):
            near |= {other.row: other for other in seen[key] if _near(person, other)}
            seen[key].append(person)
        yield from (Pair(other, person, "similar_name") for other in near.values())


def _near(one: Person, other: Person) -> bool:
    names = ["".join(sorted(fold(person.name).split())) for person in (one, other)]
    return one.row != other.row and names[0] != names[1] and not _born_apart(one, other)


def _parts(name: str) -> set[str]:
    """The name without any one of its letters: names a letter apart have such a part in common."""
    letters = fold(name).replace(" ", "")
    return {letters} | {letters[:i] + letters[i + 1 :] for i in range(len(letters))}


def _born_apart(one: Person, other: Person) -> bool:
    """Whether both birth dates are known and differ as far as both are known."""
    known = min(len(one.birth), len(other.birth))
    return one.birth[:known] != other.birth[:known]

"""Who is rated where: at most two venues for one person in one round, never added up.

A name alone is no person. Two sightings are of one person where their cadre codes are the same;
else, of one name, where the day of birth is; else, where one of them says neither, where position
or managing authority agree. Rounds are told apart by year and by what is on the ballot, for a
rating and a vote of confidence in one year are not two venues of one rating (reference/domain.md
§6, 43 and 70).
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from admin.record.count import UNKNOWN, Cadre

MOST: Final = 2

Match = Literal["code", "birth", "position", "authority"]
MATCHES: Final[tuple[Match, ...]] = ("code", "birth", "position", "authority")  # the surest first


@dataclass(frozen=True, slots=True)
class Sighting:
    """An official on the ballot of one session.

    Attributes:
        managed: the managing authority, "" where not known.
        cadre: birth and cadre code, as far as known.
        round: the year and the keys of the levels.
        session: the session's uuid or fingerprint.
        venue: what people call it.
    """

    name: str
    position: str
    managed: str
    round: tuple[str, ...]
    session: str
    venue: str
    cadre: Cadre = UNKNOWN

    def matched(self, sighting: "Sighting") -> Match | None:
        """By what both are of one person in one round; None where they are not, as far as known."""
        if self.round != sighting.round or self.session == sighting.session:
            return None  # two rows of one ballot are two people
        ours, theirs = self.cadre, sighting.cadre
        if ours.code and theirs.code:
            return "code" if key(ours.code) == key(theirs.code) else None
        if key(self.name) != key(sighting.name):
            return None
        if ours.born and theirs.born:
            return _by_birth(ours.born, theirs.born, self.position, sighting.position)
        if key(self.position) == key(sighting.position):
            return "position"
        managed = self.managed != "" and key(self.managed) == key(sighting.managed)
        return "authority" if managed else None


def key(text: str) -> str:
    """A name or position without regard to case and spaces."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _by_birth(ours: str, theirs: str, position: str, other: str) -> Match | None:
    """Two whole days that are the same; a year alone tells nobody from a namesake."""
    shorter = min(len(ours), len(theirs))
    if ours[:shorter] != theirs[:shorter]:
        return None
    if shorter > len("1970"):
        return "birth"
    return "position" if key(position) == key(other) else None


def people(sightings: Iterable[Sighting]) -> list[list[Sighting]]:
    """The sightings of each person: everything linked with one another, in the order given."""
    persons: dict[int, list[Sighting]] = {}
    of_trait: dict[str, set[int]] = defaultdict(set)  # who has this name, or this code
    for number, sighting in enumerate(sightings):
        traits = [f"name {key(sighting.name)}"]
        if sighting.cadre.code:
            traits.append(f"code {key(sighting.cadre.code)}")
        near = sorted(set().union(*(of_trait[trait] for trait in traits)))
        linked = [n for n in near if n in persons and _any(sighting, persons[n])]
        home, *joined = linked or [number]
        persons.setdefault(home, []).append(sighting)
        for other in joined:  # it links what was apart before
            persons[home] += persons.pop(other)
        # Whoever looks for a trait of those who were joined finds them under their new number.
        for owners in of_trait.values():
            if owners.intersection(joined):
                owners.add(home)
        for trait in traits:
            of_trait[trait].add(home)
    return list(persons.values())


def _any(sighting: Sighting, person: Iterable[Sighting]) -> bool:
    return any(sighting.matched(earlier) for earlier in person)


def at_too_many(sightings: Iterable[Sighting]) -> list[list[Sighting]]:
    """The people who are rated in more sessions than two."""
    return [person for person in people(sightings) if len({at.session for at in person}) > MOST]

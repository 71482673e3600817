"""Who is rated where: at most two venues for one person in one round, never added up.

A name alone is no person: two sightings are of one person where position or managing authority
agree, too. Rounds are told apart by year and by what is on the ballot, for a rating and a vote of
confidence in one year are not two venues of one rating (reference/domain.md §6, 43 and 70).
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

MOST: Final = 2


@dataclass(frozen=True, slots=True)
class Sighting:
    """An official on the ballot of one session.

    Attributes:
        managed: the managing authority, "" where not known.
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

    def is_of(self, sighting: "Sighting") -> bool:
        """Whether both are of one person in one round, as far as can be told."""
        return (
            self.round == sighting.round
            and key(self.name) == key(sighting.name)
            and (
                key(self.position) == key(sighting.position)
                or (self.managed != "" and key(self.managed) == key(sighting.managed))
            )
        )


def key(text: str) -> str:
    """A name or position without regard to case and spaces."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def people(sightings: Iterable[Sighting]) -> list[list[Sighting]]:
    """The sightings of each person: everything linked with one another, in the order given."""
    by_name: dict[str, list[list[Sighting]]] = defaultdict(list)
    persons: list[list[Sighting]] = []
    for sighting in sightings:
        groups = by_name[key(sighting.name)]
        linked = [group for group in groups if any(sighting.is_of(earlier) for earlier in group)]
        if not linked:
            groups.append([sighting])
            persons.append(groups[-1])
            continue
        first, *joined = linked
        first.append(sighting)
        for group in joined:  # it links what was apart before
            first.extend(group)
            groups.remove(group)
            persons.remove(group)
    return persons


def at_too_many(sightings: Iterable[Sighting]) -> list[list[Sighting]]:
    """The people who are rated in more sessions than two."""
    return [person for person in people(sightings) if len({at.session for at in person}) > MOST]

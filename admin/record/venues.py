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

    def is_of(self, other: "Sighting") -> bool:
        """Whether both are of one person in one round, as far as can be told."""
        return (
            self.round == other.round
            and key(self.name) == key(other.name)
            and (
                key(self.position) == key(other.position)
                or (self.managed != "" and key(self.managed) == key(other.managed))
            )
        )


def key(text: str) -> str:
    """A name or position without regard to case and spaces."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def people(sightings: Iterable[Sighting]) -> list[list[Sighting]]:
    """The sightings of each person: everything linked with one another, in the order given."""
    by_name: dict[str, list[list[Sighting]]] = defaultdict(list)
    found: list[list[Sighting]] = []
    for one in sightings:
        groups = by_name[key(one.name)]
        linked = [group for group in groups if any(one.is_of(other) for other in group)]
        if not linked:
            groups.append([one])
            found.append(groups[-1])
            continue
        first, *rest = linked
        first.append(one)
        for group in rest:  # it links what was apart before
            first.extend(group)
            groups.remove(group)
            found.remove(group)
    return found


def at_too_many(sightings: Iterable[Sighting]) -> list[list[Sighting]]:
    """The people who are rated in more sessions than two."""
    return [one for one in people(sightings) if len({at.session for at in one}) > MOST]

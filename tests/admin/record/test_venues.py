"""Who is one person at two venues: by more than how a name is spelled."""

import pytest

from admin.record import venues
from admin.record.count import UNKNOWN, Cadre
from admin.record.venues import Sighting

BORN, CODE = Cadre("1971-03-02"), Cadre("", "CB-0417")
BOTH = Cadre("1971-03-02", "CB-0417")
OTHER, YEAR = Cadre("1980-01-01"), Cadre("1971")


def at(
    session: str, name: str = "Lê An", position: str = "", managed: str = "", cadre: Cadre = UNKNOWN
) -> Sighting:
    return Sighting(name, position, managed, ("2026", "high"), session, session, cadre)


@pytest.mark.parametrize(
    ("first", "second", "match"),
    [
        (at("1", position="Bí thư", cadre=BOTH), at("2", position="Chủ tịch", cadre=BOTH), "code"),
        (at("1", name="Lê Ân", cadre=CODE), at("2", cadre=CODE), "code"),
        (at("1", position="Bí thư", cadre=BORN), at("2", position="Chủ tịch", cadre=BORN), "birth"),
        (at("1", position="Bí thư"), at("2", position="BÍ THƯ", cadre=BORN), "position"),
        (at("1", "Lê An", "A", "Tỉnh ủy"), at("2", "Lê An", "B", "tỉnh ủy", BORN), "authority"),
        # others, whatever they share
        (at("1", position="Chủ tịch", cadre=BORN), at("2", position="Chủ tịch", cadre=OTHER), None),
        (at("1", "Lê An", "A", "X", CODE), at("2", "Lê An", "A", "X", Cadre("", "CB-1")), None),
        (at("1", name="Lê Ân", cadre=BORN), at("2", cadre=BORN), None),
        (at("1", position="A", cadre=YEAR), at("2", position="B", cadre=BORN), None),
        (at("1", position="A", cadre=YEAR), at("2", position="A", cadre=BORN), "position"),
        (at("1", position="A", cadre=BORN), at("1", position="A", cadre=BORN), None),
    ],
    ids=str,
)
def test_two_sightings_are_of_one_person(first: Sighting, second: Sighting, match: str | None):
    """By the surest trait that both have; what differs makes two people."""
    assert first.matched(second) == match
    assert second.matched(first) == match


def test_a_third_venue_is_found_through_the_second():
    """The first and the third share nothing but the person in between."""
    sightings = [
        at("1", position="Bí thư", cadre=CODE),
        at("2", name="Lê Ân", position="Trưởng ban", cadre=BOTH),
        at("3", name="Lê Ân", position="Đại biểu", cadre=BORN),
        at("4", name="Lê Ân", position="Đại biểu", cadre=OTHER),
    ]
    assert venues.at_too_many(sightings) == [sightings[:3]]
    assert venues.at_too_many(reversed(sightings)) == [sightings[2::-1]]

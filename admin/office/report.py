"""From audited records to the report for the office that manages the officials."""

from collections.abc import Sequence
from datetime import date

from admin.documents.consolidation import Consolidation, TwiceRated, Venue
from admin.documents.facts import MeetingFacts
from admin.record import consolidate
from admin.record.consolidate import Line, Record
from admin.record.venues import people


def consolidation(
    records: Sequence[Record],
    authority: str | None,
    owed: Sequence[tuple[str, str]],
    facts: MeetingFacts,
    today: date,
) -> Consolidation:
    """The report's contents.

    Args:
        authority: words of the managing authority's name; None for all officials.
        owed: bodies whose report is missing or late, and what is to be said of each.
    """
    everybody = consolidate.lines(records)
    chosen = everybody if authority is None else consolidate.of_authority(everybody, authority)
    return Consolidation(
        facts=facts,
        today=today,
        authority=authority,
        venues=tuple(
            Venue(
                record,
                tuple((line.place, line.official) for line in chosen if line.record is record),
            )
            for record in records
        ),
        twice=_twice(records, everybody, chosen),
        owed=tuple(owed),
        rehearsal=any(record.rehearsal for record in records),
    )


def _twice(
    records: Sequence[Record], everybody: Sequence[Line], chosen: Sequence[Line]
) -> tuple[TwiceRated, ...]:
    """Who is surely rated at two venues, if one of the lines is chosen."""
    places = {record.phi: number for number, record in enumerate(records)}
    lines = {line.sighting: line for line in everybody}
    sightings = {line.sighting for line in chosen}
    return tuple(
        tuple((places[sighting.session], lines[sighting].official) for sighting in person)
        for person in people(lines)
        if len(person) > 1 and sightings.intersection(person)
    )

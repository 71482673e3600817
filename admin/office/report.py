"""From audited records to the report for the office that manages the officials."""

from collections.abc import Sequence
from datetime import date

from admin.documents.facts import Facts
from admin.documents.report import Gathering, Person, Venue
from admin.record import consolidate
from admin.record.consolidate import Line, Record
from admin.record.venues import people


def gathering(
    records: Sequence[Record],
    authority: str | None,
    owed: Sequence[tuple[str, str]],
    facts: Facts,
    today: date,
) -> Gathering:
    """The report's contents.

    Args:
        authority: words of the managing authority's name; None for all officials.
        owed: bodies whose report is missing or late, and what is to be said of each.
    """
    everybody = consolidate.lines(records)
    shown = everybody if authority is None else consolidate.of_authority(everybody, authority)
    return Gathering(
        facts=facts,
        today=today,
        authority=authority,
        venues=tuple(_venue(record, shown) for record in records),
        twice=_twice(records, everybody, shown),
        owed=tuple(owed),
        rehearsal=any(record.rehearsal for record in records),
    )


def _venue(record: Record, shown: Sequence[Line]) -> Venue:
    human, counts = record.human, record.counts
    return Venue(
        body=human.body,
        title=human.title,
        day=date.fromisoformat(human.date),
        summoned=counts.roster,
        present=counts.present,
        collected=counts.cast,
        phi=record.spoken,
        regime=human.regime(record.results["regime"]),
        denominator=record.results["denominator"]["value"],
        officials=tuple((line.place, line.official) for line in shown if line.record is record),
    )


def _twice(
    records: Sequence[Record], everybody: Sequence[Line], shown: Sequence[Line]
) -> tuple[Person, ...]:
    """Who is surely rated at two venues, if one of the lines is shown."""
    places = {record.phi: number for number, record in enumerate(records)}
    lines = {line.sighting: line for line in everybody}
    asked = {line.sighting for line in shown}
    return tuple(
        tuple((places[one.session], lines[one].official) for one in person)
        for person in people(lines)
        if len(person) > 1 and asked.intersection(person)
    )

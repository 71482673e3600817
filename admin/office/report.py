"""From checked files to the report for the office that manages the officials."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from admin.documents.consolidation import Consolidation, TwiceRated, Venue
from admin.documents.facts import MeetingFacts
from admin.record import consolidate
from admin.record.consolidate import Line, Record
from admin.record.venues import key, people
from admin.rules.sheet_table import fold


@dataclass(frozen=True, slots=True)
class OwedReport:
    """A body whose report is missing or late, and what is told of it.

    Attributes:
        managed: the authorities to whom it matters; () for all.
    """

    body: str
    told: str
    managed: tuple[str, ...] = ()

    def concerns(self, authority: str) -> bool:
        """Whether this authority is told of it."""
        return not self.managed or key(authority) in map(key, self.managed)


Owed = Sequence[OwedReport]


def consolidation(
    records: Sequence[Record],
    authority: str | None,
    owed: Owed | None,
    facts: MeetingFacts,
    today: date,
) -> Consolidation:
    """The report's contents.

    Args:
        authority: words of the managing authority's name; None for all officials.
    """
    everybody = consolidate.lines(records)
    chosen = everybody if authority is None else consolidate.of_authority(everybody, authority)
    return _of(everybody, chosen, Consolidation(
        facts=facts,
        today=today,
        authority=authority,
        venues=(),
        owed=None if owed is None else tuple((late.body, late.told) for late in owed),
        rehearsal=any(record.rehearsal for record in records),
    ))  # fmt: skip


def by_authority(
    records: Sequence[Record], owed: Owed | None, facts: MeetingFacts, today: date
) -> dict[str, Consolidation]:
    """A report for each managing authority that a file names, in the order of their names."""
    everybody = consolidate.lines(records)
    managed = consolidate.authorities(everybody)
    reports: dict[str, Consolidation] = {}
    whole = consolidation(records, None, owed, facts, today)
    for name in sorted(set(managed.values()), key=fold):
        chosen = [line for line in everybody if managed.get(line.sighting) == name]
        late = [report for report in owed or () if report.concerns(name)]
        own = None if owed is None else tuple((report.body, report.told) for report in late)
        reports[name] = _of(everybody, chosen, replace(whole, authority=name, owed=own))
    several = len(reports) > 1
    return {name: replace(report, several=several) for name, report in reports.items()}


def _of(everybody: Sequence[Line], chosen: Sequence[Line], whole: Consolidation) -> Consolidation:
    """The same with the officials who are chosen, and with the sessions in which they stand."""
    sightings = {line.sighting for line in chosen}
    persons = [
        person
        for person in people(line.sighting for line in everybody)
        if len({at.session for at in person}) > 1 and sightings.intersection(person)
    ]
    where = {line.record.phi for line in chosen} | {at.session for who in persons for at in who}
    records: dict[str, Record] = {line.record.phi: line.record for line in everybody}
    held = [record for phi, record in records.items() if phi in where]
    numbers = {record.phi: number for number, record in enumerate(held)}
    lines = {line.sighting: line for line in everybody}
    twice: list[TwiceRated] = [
        tuple((numbers[at.session], lines[at].official) for at in person) for person in persons
    ]
    return replace(
        whole,
        venues=tuple(
            Venue(
                record,
                tuple((line.place, line.official) for line in chosen if line.record is record),
            )
            for record in held
        ),
        twice=tuple(twice),
    )

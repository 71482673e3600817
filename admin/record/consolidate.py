"""Many sessions' records side by side, for the office above; each is audited first.

Nothing is added up: an official who was rated at two venues has a line for each
(reference/domain.md §6, 43). Nobody is rated at more than two (§6, 70).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from admin.record import bundle, venues
from admin.record.audit import AuditOptions, Outcome, audit_file
from admin.record.session_file import SessionFile
from admin.record.venues import Sighting
from admin.rules.compute import OfficialResults, Results
from crypto.audit import evidence
from crypto.errors import Incomplete, Refused

SCHEMA: Final = "phieukin.consolidate/1"


@dataclass(frozen=True, slots=True)
class Record:
    """A record that passed its audit.

    Attributes:
        code: the session code.
    """

    file: str
    phi: str
    session_file: SessionFile
    results: Results
    counts: evidence.Counts
    code: str = ""
    rehearsal: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One official at one venue."""

    record: Record
    place: int
    official: OfficialResults

    @property
    def managed(self) -> str:
        """The managing authority; "" where the record does not say it."""
        authorities = self.record.session_file.managed
        return authorities[self.place - 1] if authorities else ""

    @property
    def sighting(self) -> Sighting:
        """The official as one of the people who may be rated at two venues."""
        session_file = self.record.session_file
        levels = [key for key in self.official["counts"] if key != "blank"]
        return Sighting(
            self.official["name"],
            self.official["position"],
            self.managed,
            (session_file.date[:4], *levels),
            self.record.phi,
            self.record.file,
        )


@dataclass(frozen=True, slots=True)
class Double:
    """A line of somebody who seems to be rated at another venue, too.

    Attributes:
        sure: whether more than the name agrees.
    """

    line: Line
    sure: bool


def gather(
    paths: Sequence[Path], options: AuditOptions, *, rehearsals: bool = False
) -> list[Record]:
    """The records, in the order of their days.

    Args:
        rehearsals: whether exercises are taken, too.

    Raises:
        Rejected, Malformed, Incomplete: a record fails its audit; the detail names the file.
        Refused: a rehearsal, one session twice, or an official at a third venue.
    """
    records: list[Record] = []
    for path in paths:
        record = _audited(path, options, rehearsals=rehearsals)
        same = next((earlier.file for earlier in records if earlier.phi == record.phi), None)
        if same is not None:
            raise Refused(f"{path.name}: the same session as {same}")
        records.append(record)
    records.sort(
        key=lambda record: (record.session_file.date, record.session_file.body, record.phi)
    )
    _check_venues(lines(records))
    return records


def _by_day(record: Record) -> tuple[str, str, str]:
    return record.session_file.date, record.session_file.body, record.phi


def lines(records: Iterable[Record]) -> list[Line]:
    """Every official of every session."""
    return [
        Line(record, place, official)
        for record in records
        for place, official in enumerate(record.results["officials"], start=1)
    ]


def of_authority(lines: Iterable[Line], authority: str) -> list[Line]:
    """The lines of officials whose managing authority has these words in it."""
    key = venues.key(authority)
    return [line for line in lines if key in venues.key(line.managed)]


def doubles(lines: Sequence[Line]) -> list[Double]:
    """Whose name stands at two venues of one round, side by side, in the order of the list."""
    groups: dict[tuple[str, ...], list[Line]] = defaultdict(list)
    for line in lines:
        groups[venues.key(line.official["name"]), *line.sighting.round].append(line)
    doubled = []
    for group in groups.values():
        if len({line.record.phi for line in group}) > 1:
            sightings = [line.sighting for line in group]
            people = [person for person in venues.people(sightings) if len(person) > 1]
            sure = {sighting for person in people for sighting in person}
            doubled += [Double(line, line.sighting in sure) for line in group]
    return doubled


def to_json(records: Sequence[Record], authority: str | None = None) -> dict[str, Any]:
    """The document `phieukin.consolidate/1`; of one authority's officials, if one is given."""
    sessions = [_session(record, authority) for record in records]
    return {"schema": SCHEMA, "ok": True, "managed_by": authority, "sessions": sessions}


def _session(record: Record, authority: str | None) -> dict[str, Any]:
    session_file, counts, everybody = record.session_file, record.counts, lines([record])
    chosen = everybody if authority is None else of_authority(everybody, authority)
    return {
        "uuid": session_file.uuid,
        "fingerprint": record.phi,
        "body": session_file.body,
        "title": session_file.title,
        "date": session_file.date,
        "counts": {"roster": counts.roster, "present": counts.present, "cast": counts.cast},
        "results": {**record.results, "officials": [line.official for line in chosen]},
        "managed": [line.managed for line in chosen],
    }


def _audited(path: Path, options: AuditOptions, *, rehearsals: bool) -> Record:
    outcome = audit_file(path, options)
    if outcome.error is not None:
        raise type(outcome.error)(f"{path.name}: {outcome.error}") from None
    if outcome.rehearsal and not rehearsals:
        raise Refused(f"{path.name}: a rehearsal is no session to be reported")
    return _record(path, outcome)


def _record(path: Path, outcome: Outcome) -> Record:
    if outcome.document is None or outcome.counts is None or outcome.fingerprint is None:
        raise Incomplete(f"{path.name}: a whole record is needed, not an archive")
    with path.open("rb") as file:
        session_file = SessionFile.decode(bundle.opened(file).read(evidence.SESSION))
    return Record(
        file=path.name,
        phi=outcome.fingerprint,
        session_file=session_file,
        results=outcome.document,
        counts=outcome.counts,
        code=outcome.code or "",
        rehearsal=outcome.rehearsal,
    )


def _check_venues(everybody: Iterable[Line]) -> None:
    for person in venues.at_too_many(line.sighting for line in everybody):
        where = ", ".join(sighting.venue for sighting in person)
        raise Refused(
            f"{person[0].name}: rated at {len(person)} venues ({where}), at most two are ruled"
        )

"""Many sessions' records side by side, for the office above; each is audited first.

Nothing is added up: an official who was rated at two venues has a line for each
(reference/domain.md §6, 43). Nobody is rated at more than two (§6, 70).
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from admin.record import bundle
from admin.record.audit import Options, Outcome, audit_file
from admin.record.human import SessionFile
from admin.rules.compute import OfficialResults, Results
from crypto import evidence
from crypto.errors import Incomplete, Refused

SCHEMA: Final = "phieukin.consolidate/1"
MOST_VENUES: Final = 2


@dataclass(frozen=True, slots=True)
class Record:
    """A record that passed its audit."""

    file: str
    phi: str
    human: SessionFile
    results: Results
    counts: evidence.Counts


@dataclass(frozen=True, slots=True)
class Line:
    """One official at one venue."""

    record: Record
    place: int
    official: OfficialResults


def gather(paths: Sequence[Path], options: Options, *, rehearsals: bool = False) -> list[Record]:
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
        same = next((one.file for one in records if one.phi == record.phi), None)
        if same is not None:
            raise Refused(f"{path.name}: the same session as {same}")
        records.append(record)
    records.sort(key=lambda one: (one.human.date, one.human.body, one.phi))
    _check_venues(lines(records))
    return records


def lines(records: Iterable[Record]) -> list[Line]:
    """Every official of every session."""
    return [
        Line(record, place, official)
        for record in records
        for place, official in enumerate(record.results["officials"], start=1)
    ]


def venues(found: Iterable[Line]) -> dict[str, list[Line]]:
    """The lines of each official, by a name without regard to case and spaces."""
    by_person: dict[str, list[Line]] = {}
    for line in found:
        by_person.setdefault(_person(line.official["name"]), []).append(line)
    return by_person


def to_json(records: Sequence[Record]) -> dict[str, Any]:
    """The document `phieukin.consolidate/1`."""
    return {"schema": SCHEMA, "ok": True, "sessions": [_session(one) for one in records]}


def _session(record: Record) -> dict[str, Any]:
    human, counts = record.human, record.counts
    return {
        "uuid": human.uuid,
        "fingerprint": record.phi,
        "body": human.body,
        "title": human.title,
        "date": human.date,
        "counts": {"roster": counts.roster, "present": counts.present, "cast": counts.cast},
        "results": record.results,
    }


def _audited(path: Path, options: Options, *, rehearsals: bool) -> Record:
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
        human = SessionFile.decode(bundle.opened(file).read(evidence.SESSION))
    return Record(path.name, outcome.fingerprint, human, outcome.document, outcome.counts)


def _check_venues(found: Iterable[Line]) -> None:
    for person in venues(found).values():
        if len(person) > MOST_VENUES:
            where = ", ".join(line.record.file for line in person)
            name = person[0].official["name"]
            raise Refused(f"{name}: rated at {len(person)} venues ({where}), at most two are ruled")


def _person(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())

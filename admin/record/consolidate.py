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
from admin.record.audit import Options, Outcome, audit_file
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
        spoken: φ in the form that people compare.
    """

    file: str
    phi: str
    human: SessionFile
    results: Results
    counts: evidence.Counts
    spoken: str = ""
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
        listed = self.record.human.managed
        return listed[self.place - 1] if listed else ""

    @property
    def sighting(self) -> Sighting:
        """The official as one of the people who may be rated at two venues."""
        human = self.record.human
        levels = [key for key in self.official["counts"] if key != "blank"]
        return Sighting(
            self.official["name"],
            self.official["position"],
            self.managed,
            (human.date[:4], *levels),
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


def of_authority(found: Iterable[Line], said: str) -> list[Line]:
    """The lines of officials whose managing authority has these words in it."""
    wanted = venues.key(said)
    return [line for line in found if wanted in venues.key(line.managed)]


def doubles(found: Sequence[Line]) -> list[Double]:
    """Whose name stands at two venues of one round, side by side, in the order of the list."""
    groups: dict[tuple[str, ...], list[Line]] = defaultdict(list)
    for line in found:
        groups[venues.key(line.official["name"]), *line.sighting.round].append(line)
    listed = []
    for lines_ in groups.values():
        if len({line.record.phi for line in lines_}) > 1:
            seen = [line.sighting for line in lines_]
            sure = {one for group in venues.people(seen) if len(group) > 1 for one in group}
            listed += [Double(line, line.sighting in sure) for line in lines_]
    return listed


def to_json(records: Sequence[Record], authority: str | None = None) -> dict[str, Any]:
    """The document `phieukin.consolidate/1`; of one authority's officials, if one is given."""
    sessions = [_session(one, authority) for one in records]
    return {"schema": SCHEMA, "ok": True, "managed_by": authority, "sessions": sessions}


def _session(record: Record, authority: str | None) -> dict[str, Any]:
    human, counts, found = record.human, record.counts, lines([record])
    shown = found if authority is None else of_authority(found, authority)
    return {
        "uuid": human.uuid,
        "fingerprint": record.phi,
        "body": human.body,
        "title": human.title,
        "date": human.date,
        "counts": {"roster": counts.roster, "present": counts.present, "cast": counts.cast},
        "results": {**record.results, "officials": [line.official for line in shown]},
        "managed": [line.managed for line in shown],
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
    said = (outcome.document, outcome.counts, outcome.spoken or "", outcome.rehearsal)
    return Record(path.name, outcome.fingerprint, human, *said)


def _check_venues(found: Iterable[Line]) -> None:
    for person in venues.at_too_many(line.sighting for line in found):
        where = ", ".join(one.venue for one in person)
        raise Refused(
            f"{person[0].name}: rated at {len(person)} venues ({where}), at most two are ruled"
        )

"""Many sessions' results side by side, for the office above; each file is checked first.

A session comes as its result file, or, where all voted electronically, as its record.

Nothing is added up: an official who was rated at two venues has a line for each
(reference/domain.md §6, 43). Nobody is rated at more than two (§6, 70).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from admin.record import bundle, result_file, venues
from admin.record.audit import AuditOptions, Outcome, audit_file
from admin.record.count import UNKNOWN, Cadre, Count
from admin.record.session_file import SessionFile
from admin.record.venues import Match, Sighting
from admin.rules.compute import OfficialResults, Results
from crypto.audit import evidence
from crypto.audit.evidence import Issuance
from crypto.errors import Incomplete, ProtocolError, Refused

SCHEMA: Final = "phieukin.consolidate/1"


@dataclass(frozen=True, slots=True)
class Record:
    """A record or result file that passed its check.

    Attributes:
        phi: φ, or SHA-256 of the definition of a session on paper.
        roster: how many were summoned; ``present`` came, ``cast`` ballots came back.
        code: the session code; empty on paper only.
        count: what was counted, by way of voting; None where only the record is at hand.
        scans: SHA-256 of each scan of the signed minutes, hex, by its name.
    """

    file: str
    phi: str
    session_file: SessionFile
    results: Results
    roster: int
    present: int
    cast: int
    code: str = ""
    rehearsal: bool = False
    count: Count | None = None
    scans: Mapping[str, str] = field(default_factory=dict)

    @property
    def on_paper(self) -> int:
        """Paper ballots that were counted; 0 if there were none."""
        paper = None if self.count is None else self.count.paper
        return 0 if paper is None else max(pile.collected for pile in paper.piles)


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
            f"{self.record.session_file.body}, {self.record.file}",
            self.cadre,
        )

    @property
    def cadre(self) -> Cadre:
        """Birth and cadre code, as far as the file says them."""
        count = self.record.count
        return UNKNOWN if count is None else count.cadre(self.place)


@dataclass(frozen=True, slots=True)
class Double:
    """A line of somebody who seems to be rated at another venue, too.

    Attributes:
        match: by what the venues were matched; None where only the name agrees.
    """

    line: Line
    match: Match | None

    @property
    def sure(self) -> bool:
        """Whether more than the name agrees."""
        return self.match is not None


def gather(
    paths: Sequence[Path], options: AuditOptions, *, rehearsals: bool = False
) -> list[Record]:
    """The records, in the order of their days.

    Args:
        rehearsals: whether exercises are taken, too.

    Raises:
        Rejected, Malformed, Incomplete: a file fails its check; the detail names it.
        Refused: a rehearsal, one session twice, one scan in two files, a mixed session without
            its paper ballots, or an official at a third venue.
    """
    records: list[Record] = []
    for path in paths:
        record = _checked(path, options)
        if record.rehearsal and not rehearsals:
            raise Refused(f"{path.name}: a rehearsal is no session to be reported")
        _check_another(record, records)
        records.append(record)
    records.sort(key=_by_day)
    _check_venues(lines(records))
    return records


def _by_day(record: Record) -> tuple[str, str, str]:
    return record.session_file.date, record.session_file.body, record.phi


def _check_another(record: Record, records: Sequence[Record]) -> None:
    """Raises Refused where a file is of a session, or has a scan, that came before."""
    for earlier in records:
        if record.session_file.uuid == earlier.session_file.uuid:
            raise Refused(f"{record.file}: the same session as {earlier.file}")
        for name, digest in record.scans.items():
            if digest in earlier.scans.values():
                raise Refused(f"{record.file}: {name} is the minutes of {earlier.file}")


def lines(records: Iterable[Record]) -> list[Line]:
    """Every official of every session."""
    return [
        Line(record, place, official)
        for record in records
        for place, official in enumerate(record.results["officials"], start=1)
    ]


def of_authority(lines: Sequence[Line], authority: str) -> list[Line]:
    """The lines of officials whose managing authority has these words in it."""
    key, managed = venues.key(authority), authorities(lines)
    return [line for line in lines if key in venues.key(managed.get(line.sighting, ""))]


def authorities(lines: Sequence[Line]) -> dict[Sighting, str]:
    """Whose each official is, as far as known; one spelling for one authority.

    A venue that does not say it has it of the person's other venue.
    """
    spelled: dict[str, str] = {}
    for line in lines:
        if line.managed:
            spelled.setdefault(venues.key(line.managed), line.managed)
    managed: dict[Sighting, str] = {}
    for person in venues.people(line.sighting for line in lines):
        authorities = [spelled[venues.key(at.managed)] for at in person if at.managed]
        for at in person:
            if authorities:
                managed[at] = spelled[venues.key(at.managed)] if at.managed else authorities[0]
    return managed


def doubles(lines: Sequence[Line]) -> list[Double]:
    """Who stands at two venues of one round, or whose name does, in the order of the list."""
    matches = _matches(lines)
    names: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for line in lines:
        names[_name(line)].add(line.record.phi)
    shared = [line for line in lines if line.sighting in matches or len(names[_name(line)]) > 1]
    # Those of one name stand together; who is matched under two spellings stands with the first.
    first: dict[tuple[str, ...], int] = {}
    for place, line in enumerate(shared):
        first.setdefault(_name(line), place)
    homes = {line.sighting: first[_name(line)] for line in shared}
    for person in _persons(shared):
        home = min(homes[sighting] for sighting in person)
        homes |= dict.fromkeys(person, home)
    shared.sort(key=lambda line: homes[line.sighting])
    return [Double(line, matches.get(line.sighting)) for line in shared]


def _name(line: Line) -> tuple[str, ...]:
    return venues.key(line.official["name"]), *line.sighting.round


def _persons(lines: Iterable[Line]) -> list[list[Sighting]]:
    """Everybody who stands at more than one venue."""
    return [person for person in venues.people(line.sighting for line in lines) if len(person) > 1]


def _matches(lines: Iterable[Line]) -> dict[Sighting, Match]:
    """By what each of them was matched with another venue."""
    matches: dict[Sighting, Match] = {}
    for person in _persons(lines):
        for sighting in person:
            by = [match for at in person if at is not sighting and (match := sighting.matched(at))]
            matches[sighting] = min(by, key=venues.MATCHES.index)
    return matches


def to_json(records: Sequence[Record], authority: str | None = None) -> dict[str, Any]:
    """The document `phieukin.consolidate/1`; of one authority's officials, if one is given."""
    everybody = lines(records)
    chosen = everybody if authority is None else of_authority(everybody, authority)
    sessions = [
        _session(record, [line for line in chosen if line.record is record]) for record in records
    ]
    return {"schema": SCHEMA, "ok": True, "managed_by": authority, "sessions": sessions}


def _session(record: Record, chosen: Sequence[Line]) -> dict[str, Any]:
    session_file = record.session_file
    return {
        "uuid": session_file.uuid,
        "fingerprint": record.phi,
        "body": session_file.body,
        "title": session_file.title,
        "date": session_file.date,
        "counts": {"roster": record.roster, "present": record.present, "cast": record.cast},
        "paper": record.on_paper,
        "counts_sha256": None if record.count is None else record.count.digest,
        "results": {**record.results, "officials": [line.official for line in chosen]},
        "managed": [line.managed for line in chosen],
    }


def _checked(path: Path, options: AuditOptions) -> Record:
    if result_file.is_one(path):
        return _of_result(path, options)
    outcome = audit_file(path, options)
    if outcome.error is not None:
        raise type(outcome.error)(f"{path.name}: {outcome.error}") from None
    return _of_record(path, outcome)


def _of_result(path: Path, options: AuditOptions) -> Record:
    try:
        with path.open("rb") as file:
            result = result_file.read(file, options)
    except ProtocolError as error:
        raise type(error)(f"{path.name}: {error}") from None
    count = result.count
    return Record(
        file=path.name,
        phi=result.sealed.digest,
        session_file=result.session_file,
        results=result.results,
        roster=count.roster,
        present=count.attending,
        cast=count.collected,
        code=result.sealed.code,
        rehearsal=result.sealed.policy.rehearsal,
        count=count,
        scans=result.scans,
    )


def _of_record(path: Path, outcome: Outcome) -> Record:
    if outcome.document is None or outcome.counts is None or outcome.fingerprint is None:
        raise Incomplete(f"{path.name}: a whole record is needed, not an archive")
    with path.open("rb") as file:
        opened = bundle.opened(file)
        session_file = SessionFile.decode(opened.read(evidence.SESSION))
        result_file.check_whole(path.name, Issuance.decode(opened.read(evidence.ISSUANCE)))
    return Record(
        file=path.name,
        phi=outcome.fingerprint,
        session_file=session_file,
        results=outcome.document,
        roster=outcome.counts.roster,
        present=outcome.counts.present,
        cast=outcome.counts.cast,
        code=outcome.code or "",
        rehearsal=outcome.rehearsal,
    )


def _check_venues(everybody: Iterable[Line]) -> None:
    for person in venues.at_too_many(line.sighting for line in everybody):
        where = "; ".join(sighting.venue for sighting in person)
        raise Refused(
            f"{person[0].name}: rated at {len(person)} venues ({where}), at most two are ruled"
        )

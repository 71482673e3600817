"""The result file `<uuid>.result.zip`: what a session counted, for the office above (§8.4).

MANIFEST               SHA-256 of every other file, a note signed by the chair
<uuid>.phieukin.zip    the record of an electronic session
count.json             counts by way of voting and by official
paper.json             the definition of a session on paper only
scan-01.pdf …          scans of the signed minutes
session.json           what people call things

The chair's key of an electronic session stands in its definition, which the committee signed.
That of a session on paper stands in paper.json, whose hash is in count.json, whose hash is in the
minutes that the committee signed by hand: compare the two. Without that comparison the file says
only that nobody altered it who has not the key.
"""

import hashlib
import io
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from admin.record import audit, bundle, levels, stored
from admin.record.audit import AuditOptions, Outcome
from admin.record.bundle import Window
from admin.record.count import LIMIT, Count
from admin.record.paper_definition import PaperDefinition
from admin.record.session_file import LIMIT as SESSION_LIMIT
from admin.record.session_file import SessionFile
from admin.record.stored import Entry
from admin.rules.channel import ChannelCount, electronic
from admin.rules.compute import Results
from crypto import checkpoint, note, session, tally
from crypto.archive import Kind, Reader
from crypto.audit.evidence import ISSUANCE, SESSION, Counts, Issuance
from crypto.encoding import sha256
from crypto.errors import (
    BadCounts,
    BadRecord,
    Incomplete,
    Malformed,
    Refused,
)
from crypto.note import NoteKey, Signer
from crypto.session import Election, Official, Policy

SUFFIX: Final = ".result.zip"
MANIFEST, COUNT, PAPER = "MANIFEST", "count.json", "paper.json"
PAPER_ONLY: Final = "paper"
MOST_SCANS: Final = 20
MAX_SCAN: Final = 100 << 20  # bytes: a hundred pages at 300 dots per inch
SCAN: Final = re.compile(r"scan-[0-9]{2}\.(pdf|png|jpg|jpeg|tif|tiff|p7m)", re.ASCII)
_LIMITS: Final = {
    MANIFEST: note.LIMIT,
    COUNT: LIMIT,
    SESSION: SESSION_LIMIT,
    PAPER: session.LIMIT,
}


@dataclass(frozen=True, slots=True)
class ResultBasis:
    """What was sealed of a session, and who signs for it.

    Attributes:
        digest: φ, or SHA-256 of paper.json.
        code: the session code; empty on paper only.
        outcome: the audit of the record; None on paper only.
        amendments: changes of the roster, signed.
    """

    digest: str
    policy: Policy
    officials: tuple[Official, ...]
    chair: NoteKey
    code: str = ""
    outcome: Outcome | None = None
    amendments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResultFile:
    """A result file that passed every check.

    Attributes:
        results: percentages and findings, computed here from the counts.
        scans: SHA-256 of each scan, hex, by its name.
        record: SHA-256 of the record in it, hex; empty on paper only.
    """

    session_file: SessionFile
    count: Count
    sealed: ResultBasis
    results: Results
    scans: Mapping[str, str]
    record: str = ""


def write(target: BinaryIO, uuid: str, contents: Mapping[str, BinaryIO], chair: Signer) -> None:
    """Writes the file: the same contents give the same bytes.

    Args:
        contents: every file but MANIFEST, at its beginning.
    """
    digests = {}
    for name, content in contents.items():
        digests[name] = _sha256(content)
        content.seek(0)
    manifest = note.sign(bundle.manifest_text(uuid, digests, "result"), [chair])
    everything = {**contents, MANIFEST: io.BytesIO(manifest.encode())}
    stored.write(target, sorted(everything.items()))


def read(source: BinaryIO, options: AuditOptions) -> ResultFile:
    """Checks a result file: container, signature, record, and every number against the others.

    Raises:
        BadRecord: not such a file, or a part of it altered, missing or too large.
        BadCheckpoint: the chair did not sign it.
        BadCounts: numbers contradict each other.
        ProtocolError: whatever the audit of the record in it finds.
    """
    entries = _entries(source)
    count = Count.decode(_read(source, entries, COUNT))
    session_json = _read(source, entries, SESSION)
    session_file = SessionFile.decode(session_json)
    record = f"{count.uuid}{bundle.SUFFIX}"
    _check_names(entries, record)
    if record in entries:
        section = InnerFile(source, entries[record])
        sealed = _check_record(section, session_json, count, options)
    else:
        sealed = _of_paper(_read(source, entries, PAPER), session_json, count)
    digests = {n: _digest(source, e) for n, e in entries.items() if n != MANIFEST}
    _check_manifest(_read(source, entries, MANIFEST), count.uuid, digests, sealed.chair)
    if session_file.uuid != count.uuid:
        raise BadRecord(f"{SESSION}: the session in it is {session_file.uuid}")
    if sealed.digest != count.definition:
        raise BadRecord(f"{COUNT}: of another definition than the one in the file")
    session_file.check_officials(sealed.officials)
    rules = levels.check(sealed.policy, session_file)
    count.check(rules, session_file, sealed.policy, sealed.officials)
    try:
        results = count.results(rules, session_file, sealed.officials)
    except Refused as error:  # the file contradicts itself: no rule refuses a request
        raise BadCounts(str(error)) from None
    scans = {name: digest for name, digest in digests.items() if SCAN.fullmatch(name)}
    return ResultFile(session_file, count, sealed, results, scans, digests.get(record, ""))


def is_one(path: Path) -> bool:
    """Whether a file is meant as a result file: by its name, or by what is in it.

    Browsers and mails rename what they save: ``x.result (1).zip``.

    Raises:
        OSError: the file cannot be read.
    """
    if path.name.endswith(SUFFIX):
        return True
    try:
        with path.open("rb") as file:
            return any(entry.name == COUNT for entry in stored.read(file))
    except BadRecord:
        return False


def check_whole(name: str, issuance: Issuance) -> None:
    """Raises Refused where paper ballots went out: a record alone has the other half only."""
    paper = issuance.paper
    if number := paper.present + paper.late:
        raise Refused(
            f"{name}: {number} ballots went out on paper, and a record has only the"
            " electronic ones: ask for the result file (record export --result)"
        )


# ---- the container


class InnerFile(io.RawIOBase):
    """The bytes of one entry as a file of its own."""

    def __init__(self, source: BinaryIO, entry: Entry) -> None:
        super().__init__()
        self._source, self._entry, self._at = source, entry, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._entry.size}[whence]
        self._at = base + offset
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        target = memoryview(buffer).cast("B")
        self._source.seek(self._entry.offset + self._at)
        data = self._source.read(max(0, min(len(target), self._entry.size - self._at)))
        target[: len(data)] = data
        self._at += len(data)
        return len(data)


def _entries(source: BinaryIO) -> dict[str, Entry]:
    entries = {entry.name: entry for entry in stored.read(source)}
    for name in (MANIFEST, COUNT, SESSION):
        if name not in entries:
            raise BadRecord(f"{name} is missing: this is no result file")
    for name, limit in _LIMITS.items():
        if name in entries and entries[name].size > limit:
            size = entries[name].size
            raise BadRecord(f"{name}: {size} bytes, at most {limit} are allowed")
    return entries


def _check_names(entries: Mapping[str, Entry], record: str) -> None:
    """Either a record or paper.json; scans; nothing else."""
    scans = [name for name in entries if SCAN.fullmatch(name)]
    extra = set(entries) - {MANIFEST, COUNT, SESSION, PAPER, record, *scans}
    if extra:
        raise BadRecord(f"{min(extra)}: no result file has such a file")
    if (PAPER in entries) == (record in entries):
        raise BadRecord(f"either {PAPER} or {record} is expected")
    if len(scans) > MOST_SCANS:
        raise BadRecord(f"{len(scans)} scans, at most {MOST_SCANS} are allowed")
    for name in scans:
        if not 0 < (size := entries[name].size) <= MAX_SCAN:
            raise BadRecord(f"{name}: {size} bytes, at most {MAX_SCAN} are allowed")


def _read(source: BinaryIO, entries: Mapping[str, Entry], name: str) -> bytes:
    entry = entries[name]
    return Window(source, entry).read(entry.size)


def _digest(source: BinaryIO, entry: Entry) -> str:
    return _sha256(Window(source, entry))


def _sha256(stream: BinaryIO | Window) -> str:
    digest = hashlib.sha256()
    while chunk := stream.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()


def _check_manifest(raw: bytes, uuid: str, digests: Mapping[str, str], chair: NoteKey) -> None:
    try:
        manifest = note.parse(raw)
    except Malformed as error:
        raise BadRecord(f"{MANIFEST}: {error}") from None
    expected = bundle.manifest_text(uuid, digests, "result")
    if manifest.text != expected:
        changed = sorted(set(manifest.text.splitlines()) ^ set(expected.splitlines()))
        raise BadRecord(f"{MANIFEST}: differs from the files at: {changed[0] if changed else '?'}")
    bundle.check_signed(manifest, chair)


# ---- what was sealed


def _of_paper(raw: bytes, session_json: bytes, count: Count) -> ResultBasis:
    definition = PaperDefinition.decode(raw)
    if definition.session != sha256(session_json):
        raise BadRecord(f"{SESSION}: not the one that was sealed")
    if definition.policy.channels != (PAPER_ONLY,):
        raise BadRecord(f"{PAPER}: a session that votes on paper and otherwise has a record")
    if count.electronic is not None:
        raise BadCounts(f"{COUNT}: electronic ballots of a session that votes on paper only")
    if count.roster != definition.roster:  # nothing can be amended there (docs/paper.md)
        raise BadCounts(f"{COUNT}: roster {count.roster}, but {definition.roster} were sealed")
    return ResultBasis(
        definition.digest,
        definition.policy,
        definition.officials,
        definition.chair_key(count.uuid),
    )


def _check_record(
    section: InnerFile, session_json: bytes, count: Count, options: AuditOptions
) -> ResultBasis:
    """Audits the record in the file, and compares every number that both have."""
    with io.BufferedReader(section) as file:
        outcome = audit.audit_bundle(file, options)
        if outcome.error is not None:
            raise outcome.error
        counted = outcome.counts
        setup = outcome.report.setup
        if setup is None or counted is None or setup.election.parameters is None:
            raise Incomplete("a whole record is needed, not an archive")
        opened = bundle.opened(file)
        if opened.read(SESSION) != session_json:
            raise BadRecord(f"{SESSION}: not the one that was sealed")
        channel = _of_archive(opened, setup.election, counted)
        issuance = Issuance.decode(opened.read(ISSUANCE))
    parameters = setup.election.parameters
    if count.electronic != channel:
        raise BadCounts(f"{COUNT}: the electronic counts are not those of the record")
    theirs = (counted.roster, counted.present, issuance.paper.late)
    if (count.roster, count.present, count.late) != theirs:
        raise BadCounts(f"{COUNT}: roster or head count are not those of the record")
    out = issuance.paper.present + issuance.paper.late
    stated = count.uncounted + (0 if count.paper is None else count.paper.issued)
    if stated != out:
        raise BadCounts(f"{COUNT}: {stated} paper ballots, but the record says that {out} went out")
    return ResultBasis(
        setup.election.phi,
        parameters.policy,
        parameters.officials,
        checkpoint.party_key(setup.election, parameters, "chair"),
        outcome.code or "",
        outcome,
        issuance.amendments,
    )


def _of_archive(opened: bundle.Bundle, election: Election, counted: Counts) -> ChannelCount:
    """The electronic ballots of an audited record. Raises Incomplete: no totals were opened."""
    last = deque(Reader(opened.open_archive()), maxlen=1)[0]
    if last.kind != Kind.RESULT or election.parameters is None:
        raise Incomplete("the totals are not in it")
    totals = tally.decode_result(last.files[0], election)
    session_file = SessionFile.decode(opened.read(SESSION))
    rules = levels.check(election.parameters.policy, session_file)
    sizes = session_file.sizes(len(election.parameters.officials))
    return electronic(rules, counted.issued, counted.cast, totals, sizes)

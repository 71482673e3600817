"""The auditors' bundle `<uuid>.auditor.zip`: what a public record may not show. Never public.

MANIFEST          SHA-256 of every other file, a note signed by the chair
attendance.json   which lines of the last roster got a ballot, and by which channel
evidence.jsonl    Telegram's signed word on who came, each piece sealed to the auditors' key
roster-<n>.json   the roster after n amendments, the one of the seal first
roster.salt       the key of the rosters' HMAC, 32 bytes

It says who took a ballot and never what became of it: nothing in it is found in the record.
"""

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from admin.record import stored
from admin.record.bundle import MANIFEST, Window, check_signed, manifest_text
from crypto import checkpoint, note
from crypto.audit.evidence import Issuance
from crypto.checkpoint import Amendment
from crypto.encoding import (
    Fields,
    Json,
    array,
    base64_bytes,
    canonical,
    integer,
    parse,
    sha256,
    string,
    to_base64,
)
from crypto.encoding import uuid as check_uuid
from crypto.errors import BadCounts, BadRecord, Malformed
from crypto.note import Signer
from crypto.session import CHANNELS, Election, Parameters, roster_mac

SUFFIX: Final = ".auditor.zip"
ATTENDANCE, EVIDENCE, SALT = "attendance.json", "evidence.jsonl", "roster.salt"
PAPER: Final = "paper"

_KIND = "auditor manifest"
_SALT_BYTES = 32
_LARGEST = 64 << 20  # bytes of a file; docs/protocol.md §15
_MOST_EVIDENCE = 4096  # bytes of one piece


@dataclass(frozen=True, slots=True)
class Attendance:
    """attendance.json: the lines of the last roster that got a ballot, each with its channel.

    Attributes:
        lines: (line, channel) pairs; lines are counted from 1 and ascend.
    """

    uuid: str
    lines: tuple[tuple[int, str], ...]

    def encode(self) -> bytes:
        issued: list[Json] = [{"line": line, "channel": channel} for line, channel in self.lines]
        head = {"schema": "phieukin.attendance/1", "uuid": self.uuid}
        return canonical({**head, "issued": issued})

    @classmethod
    def decode(cls, raw: bytes, size: int) -> "Attendance":
        """Raises Malformed naming the field: also for a line that the roster has not, or twice."""
        value = parse(raw, ATTENDANCE, limit=_LARGEST)
        fields = Fields(value, ATTENDANCE, "schema", "uuid", "issued")
        fields.read("schema", string, "phieukin[.]attendance/1")
        lines, last = [], 0
        for i, entry in enumerate(fields.read("issued", array)):
            issued = Fields(entry, f"{ATTENDANCE}.issued[{i}]", "line", "channel")
            last = issued.read("line", integer, low=last + 1, high=size)
            lines.append((last, issued.read("channel", string, "|".join(CHANNELS))))
        return cls(fields.read("uuid", check_uuid), tuple(lines))


def write(
    target: BinaryIO,
    attendance: Attendance,
    rosters: Sequence[bytes],
    salt: bytes,
    evidence: Sequence[bytes],
    chair: Signer,
) -> None:
    """Writes the bundle: the same contents give the same bytes.

    Args:
        rosters: the one of the seal, then one for each amendment.
        evidence: sealed pieces; their order is not kept.
    """
    files = {f"roster-{number}.json": raw for number, raw in enumerate(rosters)}
    files[ATTENDANCE] = attendance.encode()
    files[EVIDENCE] = b"".join(sorted(to_base64(piece).encode() + b"\n" for piece in evidence))
    files[SALT] = salt
    digests = {name: sha256(raw) for name, raw in files.items()}
    signed = note.sign(manifest_text(attendance.uuid, digests, _KIND), [chair])
    files[MANIFEST] = signed.encode()
    stored.write(target, [(name, io.BytesIO(raw)) for name, raw in sorted(files.items())])


def check(
    path: Path, election: Election, parameters: Parameters, issuance: Issuance
) -> dict[str, object]:
    """Checks an auditors' bundle against the definition and the issuance of a record.

    Returns:
        How many voters, ballots on paper and pieces of evidence are in it.

    Raises:
        BadRecord: the zip, its files, or a roster are not the session's.
        BadCheckpoint: the chair did not sign it.
        BadCounts: other numbers than the record's.
        Malformed: a file is not what it should be; names the field.
        OSError: the file cannot be read.
    """
    files = _read(path)
    _check_manifest(files, election, parameters)
    sizes = _check_rosters(files, parameters, issuance.amendments)
    attendance = Attendance.decode(_of(files, ATTENDANCE), sizes[-1])
    if attendance.uuid != election.uuid:
        raise BadRecord(f"{ATTENDANCE}: the session in it is {attendance.uuid}")
    issued = Counter(channel for _, channel in attendance.lines)
    paper = issued.pop(PAPER, 0)
    if issued != Counter(issuance.channels):
        raise BadCounts(f"{ATTENDANCE}: {dict(issued)} tokens, the record has {issuance.channels}")
    return {"voters": sizes[-1], "paper": paper, "evidence": len(evidence(files))}


def evidence(files: Mapping[str, bytes]) -> list[bytes]:
    """The sealed pieces, in no order that means anything. Raises Malformed."""
    lines = _of(files, EVIDENCE).decode("ascii", errors="replace").splitlines(keepends=True)
    if lines != sorted(set(lines)) or any(not line.endswith("\n") for line in lines):
        raise Malformed(f"{EVIDENCE}: the lines must ascend, each ended and there once")
    pieces = []
    for number, line in enumerate(lines, start=1):
        piece = base64_bytes(line.removesuffix("\n"), f"{EVIDENCE}, line {number}")
        if len(piece) > _MOST_EVIDENCE:
            raise Malformed(f"{EVIDENCE}, line {number}: more than {_MOST_EVIDENCE} bytes")
        pieces.append(piece)
    return pieces


def _read(path: Path) -> dict[str, bytes]:
    with path.open("rb") as source:
        entries = stored.read(source)
        for entry in entries:
            if entry.size > _LARGEST:
                raise BadRecord(f"{entry.name}: more than {_LARGEST} bytes")
        return {entry.name: Window(source, entry).read(entry.size) for entry in entries}


def _of(files: Mapping[str, bytes], name: str) -> bytes:
    if name not in files:
        raise BadRecord(f"the auditors' bundle has no {name}")
    return files[name]


def _check_manifest(files: Mapping[str, bytes], election: Election, parameters: Parameters) -> None:
    try:
        manifest = note.parse(_of(files, MANIFEST))
    except Malformed as error:
        raise BadRecord(f"{MANIFEST}: {error}") from None
    digests = {name: sha256(raw) for name, raw in files.items() if name != MANIFEST}
    if manifest.text != manifest_text(election.uuid, digests, _KIND):
        raise BadRecord(f"{MANIFEST}: not of this session, or differs from the files")
    check_signed(manifest, checkpoint.party_key(election, parameters, "chair"))


def _check_rosters(
    files: Mapping[str, bytes], parameters: Parameters, amendments: Sequence[str]
) -> list[int]:
    """The sizes of the rosters, each checked against its signed HMAC."""
    salt = _of(files, SALT)
    if len(salt) != _SALT_BYTES:
        raise BadRecord(f"{SALT}: {len(salt)} bytes, {_SALT_BYTES} are expected")
    amended = [
        Amendment.from_body(note.parse(note_text.encode()).text, f"amendment {number}")
        for number, note_text in enumerate(amendments, start=1)
    ]
    macs = [parameters.roster_mac, *(amendment.mac for amendment in amended)]
    names = [f"roster-{number}.json" for number in range(len(macs))]
    extra = set(files) - {*names, ATTENDANCE, EVIDENCE, SALT, MANIFEST}
    if extra:
        raise BadRecord(f"{min(extra)}: no auditors' bundle of this session has such a file")
    sizes, expected = [], parameters.roster_size
    for number, (name, mac) in enumerate(zip(names, macs, strict=True)):
        raw = _of(files, name)
        if roster_mac(salt, raw) != mac:
            raise BadRecord(f"{name}: its HMAC is not the one that was signed")
        if number:
            expected += amended[number - 1].added - amended[number - 1].removed
        size = _size(raw, name)
        if size != expected:
            raise BadCounts(f"{name}: {size} voters, {expected} were signed")
        sizes.append(size)
    return sizes


def _size(raw: bytes, name: str) -> int:
    value = parse(raw, name, limit=_LARGEST)
    return len(Fields(value, name, "schema", "uuid", "voters").read("voters", array))

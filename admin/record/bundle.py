"""The bundle `<uuid>.phieukin.zip`: the archive, the files beside it, a signed manifest.

MANIFEST         SHA-256 of every other file, a note signed by the chair
checkpoints.txt  what was signed at seal, open, close, results
ceremony.json    the trustees' commitments
issuance.json    how many were present and got a token
results.json     percentages and findings
session.json     what people call things
shares.json      the trustees' proofs that the archive has no place for
tokens.jsonl     a token for each credential
<uuid>.bel       the archive
"""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

from admin.record import session_file, stored
from crypto import ceremony, checkpoint, note, tally
from crypto.audit import evidence
from crypto.audit.archive import SHARES
from crypto.encoding import uuid as check_uuid
from crypto.errors import BadCheckpoint, BadRecord, Incomplete, Malformed
from crypto.note import Note, NoteKey, Signer
from crypto.session import Election, Parameters

MANIFEST, RESULTS = "MANIFEST", "results.json"
SUFFIX = ".phieukin.zip"
MAX_SIDE_FILE = 256 << 20  # bytes; everything but the archive is read whole
LIMITS: Final[Mapping[str, int]] = {  # docs/protocol.md §2.6
    MANIFEST: note.LIMIT,
    evidence.CEREMONY: ceremony.TRANSCRIPT_LIMIT,
    evidence.CHECKPOINTS: checkpoint.FILE_LIMIT,
    evidence.ISSUANCE: evidence.ISSUANCE_LIMIT,
    RESULTS: 4 << 20,
    evidence.SESSION: session_file.LIMIT,
    SHARES: tally.LIMIT,
    evidence.TOKENS: evidence.TOKENS_LIMIT,
}


@dataclass(frozen=True)
class Bundle:
    """An opened bundle: the container is sound; what is in it is not yet checked."""

    uuid: str
    entries: Mapping[str, stored.Entry]
    source: BinaryIO

    @property
    def archive(self) -> stored.Entry:
        return self.entries[f"{self.uuid}.bel"]

    def open_archive(self) -> "Window":
        """The archive, from its start."""
        return Window(self.source, self.archive)

    def read(self, name: str) -> bytes:
        """A side file, whole. Raises Incomplete if it is not there."""
        entry = self.entries.get(name)
        if entry is None:
            raise Incomplete(f"the record has no {name}")
        return Window(self.source, entry).read(entry.size)

    def evidence(self) -> dict[str, bytes]:
        """The side files that crypto/audit/evidence.py checks, as far as they are there."""
        return {name: self.read(name) for name in evidence.FILES if name in self.entries}


class Window:
    """The bytes of one entry as a stream."""

    def __init__(self, source: BinaryIO, entry: stored.Entry) -> None:
        self._source, self._entry = source, entry
        self._position = 0

    def read(self, size: int, /) -> bytes:
        size = min(size, self._entry.size - self._position)
        self._source.seek(self._entry.offset + self._position)
        data = self._source.read(size)
        self._position += len(data)
        return data


def opened(source: BinaryIO) -> Bundle:
    """Reads the container of a bundle; `source` must stay open.

    Raises:
        BadRecord: not a zip of ours, an entry that no record has, or one that is too large; or
            the archive or the manifest is not in it.
    """
    entries = {entry.name: entry for entry in stored.read(source)}
    archives = [name for name in entries if name.endswith(".bel")]
    extra = set(entries) - {MANIFEST, RESULTS, SHARES, *evidence.FILES, *archives[:1]}
    if extra:
        raise BadRecord(f"{min(extra)}: no record has such a file")
    if not archives:
        raise BadRecord("the record has no archive")
    try:
        uuid = check_uuid(archives[0].removesuffix(".bel"), "the archive's name")
    except Malformed as error:
        raise BadRecord(str(error)) from None
    if MANIFEST not in entries:
        raise BadRecord(f"the record has no {MANIFEST}")
    for name, limit in LIMITS.items():
        if name in entries and entries[name].size > limit:
            raise BadRecord(f"{name}: {entries[name].size} bytes, at most {limit} are allowed")
    return Bundle(uuid, entries, source)


def manifest_text(uuid: str, digests: Mapping[str, str], kind: str = "manifest") -> str:
    """The text of a manifest; its lines are what `sha256sum` prints.

    Args:
        kind: of which bundle, so that the manifest of one is none of another.
    """
    lines = [f"{digest}  {name}" for name, digest in sorted(digests.items())]
    return "\n".join([checkpoint.origin(uuid), kind, *lines]) + "\n"


def check_manifest(bundle: Bundle, election: Election, parameters: Parameters) -> int:
    """Checks the manifest against every entry and the chair's key; returns their number.

    Raises:
        BadRecord: a file is missing, altered or not listed.
        BadCheckpoint: the chair did not sign it.
    """
    if bundle.uuid != election.uuid:
        raise BadRecord(f"{bundle.uuid}.bel: the session in it is {election.uuid}")
    try:
        manifest = note.parse(bundle.read(MANIFEST))
    except Malformed as error:
        raise BadRecord(f"{MANIFEST}: {error}") from None
    digests = {
        name: _sha256(Window(bundle.source, entry))
        for name, entry in bundle.entries.items()
        if name != MANIFEST
    }
    expected = manifest_text(bundle.uuid, digests)
    if manifest.text != expected:
        changed = sorted(set(manifest.text.splitlines()) ^ set(expected.splitlines()))
        raise BadRecord(f"{MANIFEST}: differs from the files at: {changed[0] if changed else '?'}")
    check_signed(manifest, checkpoint.party_key(election, parameters, "chair"))
    return len(digests)


def check_signed(manifest: Note, chair: NoteKey) -> None:
    """The chair signed a manifest, and nobody else: the same files make one zip.

    Raises:
        BadCheckpoint: not signed by the chair, or by others, too.
    """
    try:
        manifest.check([chair])
    except BadCheckpoint as error:
        raise BadCheckpoint(f"{MANIFEST}: {error}") from None
    if len(manifest.signatures) > 1:
        raise BadCheckpoint(f"{MANIFEST}: has signatures of others than the chair")


def write(
    target: BinaryIO, uuid: str, archive: BinaryIO, files: Mapping[str, bytes], chair: Signer
) -> None:
    """Writes a bundle: the same contents give the same bytes."""
    contents: dict[str, BinaryIO] = {name: io.BytesIO(data) for name, data in files.items()}
    contents[f"{uuid}.bel"] = archive
    digests = {}
    for name, content in contents.items():
        content.seek(0)
        digests[name] = _sha256(content)
        content.seek(0)
    manifest = note.sign(manifest_text(uuid, digests), [chair])
    contents[MANIFEST] = io.BytesIO(manifest.encode())
    stored.write(target, sorted(contents.items()))


def _sha256(stream: BinaryIO | Window) -> str:
    digest = hashlib.sha256()
    while chunk := stream.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()

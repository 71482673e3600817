"""The papers beside a record, `<uuid>.papers.zip`: what was printed, the scan of what was signed.

The record, or of a session on paper the count, is not touched. A note in the zip, signed by the
chair's key of that session, lists the SHA-256 of every paper and of what they belong to. It says
who put the scan there, not that the hands on it are genuine.
"""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

from admin.record import stored
from admin.record.bundle import Window, check_signed
from crypto import checkpoint, note
from crypto.errors import BadRecord, Malformed
from crypto.note import NoteKey, Signer

SUFFIX: Final = ".papers.zip"
MANIFEST: Final = "PAPERS"


@dataclass(frozen=True, slots=True)
class Belonging:
    """To what the papers of a session belong.

    Attributes:
        definition: φ, or SHA-256 of paper.json.
        record: SHA-256, hex, of the record, or of count.json of a session on paper.
    """

    uuid: str
    definition: str
    record: str


def text(belonging: Belonging, digests: Mapping[str, str]) -> str:
    """What is signed; its last lines are what `sha256sum` prints."""
    head = [checkpoint.origin(belonging.uuid), "papers"]
    head += [f"phi {belonging.definition}", f"record {belonging.record}"]
    lines = [f"{digest}  {name}" for name, digest in sorted(digests.items())]
    return "\n".join([*head, *lines]) + "\n"


def write(
    target: BinaryIO, belonging: Belonging, papers: Mapping[str, bytes], chair: Signer
) -> None:
    """Writes the zip: the same papers give the same bytes."""
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in papers.items()}
    signed = note.sign(text(belonging, digests), [chair])
    contents = {**papers, MANIFEST: signed.encode()}
    stored.write(target, [(name, io.BytesIO(contents[name])) for name in sorted(contents)])


def check(source: BinaryIO, belonging: Belonging, chair: NoteKey) -> dict[str, str]:
    """Checks a zip against what it belongs to; the SHA-256 of each paper, by name.

    Raises:
        BadRecord: not such a zip, a paper altered or not listed, or another session's.
        BadCheckpoint: the chair did not sign it.
    """
    entries = {entry.name: entry for entry in stored.read(source)}
    if MANIFEST not in entries:
        raise BadRecord(f"{MANIFEST} is missing: these are no papers of a session")
    digests = {
        name: hashlib.sha256(Window(source, entry).read(entry.size)).hexdigest()
        for name, entry in entries.items()
        if name != MANIFEST
    }
    manifest = entries[MANIFEST]
    try:
        signed = note.parse(Window(source, manifest).read(manifest.size))
    except Malformed as error:
        raise BadRecord(f"{MANIFEST}: {error}") from None
    expected = text(belonging, digests)
    if signed.text != expected:
        changed = sorted(set(signed.text.splitlines()) ^ set(expected.splitlines()))
        raise BadRecord(f"{MANIFEST}: differs from the papers and the record at: {changed[0]}")
    check_signed(signed, chair)
    return digests

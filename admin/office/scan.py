"""The scan of the signed minutes: kept, hashed and signed beside the untouched record."""

from pathlib import Path
from typing import Final

from admin.office import meeting_facts, minutes
from admin.prepare import papers_form
from admin.record import files
from admin.record import scan as paperwork
from admin.session import keys
from admin.session.datadir import DataDir
from admin.session.session import Session
from crypto.errors import Refused, WrongState
from crypto.lifecycle import State

SUFFIXES: Final = (".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".p7m")
MOST_BYTES: Final = 100 << 20  # a hundred pages at 300 dots per inch
_SCAN: Final = "scan"


def attach(datadir: DataDir, session: Session, scan: Path) -> Path:
    """Adds a scan, and writes the documents of the session with it; idempotent.

    Returns:
        The zip of the documents and the scans, ``<uuid>.papers.zip``.

    Raises:
        WrongState: the record has not been published.
        Refused: the file is of another kind, empty or too large.
        OSError: it cannot be read.
    """
    uuid, election = session.uuid, session.electronic.election
    if session.state != State.PUBLISHED:
        raise WrongState(
            f"a scan is attached to a published record; the session is {session.state}"
        )
    _check(scan)
    folder = meeting_facts.folder(datadir, uuid)
    _keep(folder, scan)
    digest = minutes.digest(datadir.bundle(uuid))
    documents = {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if path.name != papers_form.FILE and not path.name.startswith(".")
    }
    target = datadir.bundle(uuid).with_name(f"{uuid}{paperwork.SUFFIX}")
    chair = keys.signer(datadir, uuid, "chair")
    with files.replacing(target) as file:
        paperwork.write(file, election, digest, documents, chair)
    return target


def _check(scan: Path) -> None:
    if scan.suffix.lower() not in SUFFIXES:
        raise Refused(f"{scan}: one of {' '.join(SUFFIXES)} is expected")
    size = scan.stat().st_size
    if not 0 < size <= MOST_BYTES:
        raise Refused(f"{scan}: {size} bytes, 1 to {MOST_BYTES >> 20} MB are expected")


def _keep(folder: Path, scan: Path) -> None:
    """Under the next number, unless the same bytes are there already."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    data, suffix = scan.read_bytes(), scan.suffix.lower()
    scans = sorted(folder.glob(f"{_SCAN}-*"))
    if all(path.read_bytes() != data for path in scans):
        files.write(folder / f"{_SCAN}-{len(scans) + 1:02}{suffix}", data, mode=0o600)

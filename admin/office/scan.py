"""The scan of the signed minutes: kept, hashed and signed beside the untouched record."""

import hashlib
from pathlib import Path
from typing import Final

from admin.office import minutes
from admin.prepare import papers_form
from admin.record import files
from admin.record import scan as paperwork
from admin.session import keys
from admin.session.books import Books
from crypto.errors import Refused, WrongState
from crypto.lifecycle import State

SUFFIXES: Final = (".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".p7m")
MOST_BYTES: Final = 100 << 20  # a hundred pages at 300 dots per inch
_SCAN: Final = "scan"


async def attach(books: Books, uuid: str, scan: Path) -> Path:
    """Adds a scan, and writes the papers of the session with it; the same scan again is fine.

    Returns:
        The zip of the papers.

    Raises:
        WrongState: the record has not been published.
        Refused: the file is of another kind, empty or too large.
        OSError: it cannot be read.
    """
    session = await books.session(uuid)
    election = session.electronic.election
    if session.state != State.PUBLISHED:
        raise WrongState(
            f"a scan is attached to a published record; the session is {session.state}"
        )
    _check(scan)
    folder = minutes.folder(books.datadir, uuid)
    _keep(folder, scan)
    with books.datadir.bundle(uuid).open("rb") as record:
        digest = hashlib.file_digest(record, "sha256").hexdigest()
    found = {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if path.name != papers_form.FILE and not path.name.startswith(".")
    }
    target = books.datadir.bundle(uuid).with_name(f"{uuid}{paperwork.SUFFIX}")
    chair = keys.signer(books.datadir, uuid, "chair")
    with files.replacing(target) as file:
        paperwork.write(file, election, digest, found, chair)
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

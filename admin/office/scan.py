"""The scan of the signed minutes: kept, hashed and signed beside the untouched record.

Nobody can tell from a picture whose hands signed it. What can be told is refused: a file that is
no scan, one of our own papers as it was printed, the scan or the minutes of another session.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from admin.lifecycle import counted
from admin.office import meeting_facts, minutes
from admin.prepare import papers_form
from admin.record import files, result_file
from admin.record import scan as paperwork
from admin.record.paper_definition import PaperDefinition
from admin.record.scan import Belonging
from admin.session import keys
from admin.session.books import Books
from admin.session.datadir import DataDir
from admin.session.session import Session
from crypto.errors import Refused, WrongState
from crypto.lifecycle import State

MINUTES: Final = "bien-ban-kiem-phieu.pdf"
_SCAN: Final = "scan"
_TYPESET: Final = b"/Creator(Typst "  # who made a PDF: for all that this program prints
_DIGITALLY_SIGNED: Final = b"/ByteRange"  # in every PDF with a signature (ISO 32000-1, 12.8.1)
# With what the bytes of each kind of file begin; a signed message has no one beginning.
_BEGINNINGS: Final = {
    ".pdf": (b"%PDF-",),
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".tif": (b"II*\0", b"MM\0*"),
    ".tiff": (b"II*\0", b"MM\0*"),
    ".p7m": (b"",),
}


def check(datadir: DataDir, session: Session, scan: Path) -> bytes:
    """The bytes of a scan that may be that of this session's minutes.

    Raises:
        WrongState: the session has not been published.
        Refused: the file is of another kind, empty, too large, or something else than a scan of
            these minutes; says what.
        OSError: it cannot be read.
    """
    if session.state != State.PUBLISHED:
        raise WrongState(
            f"a scan is attached to a published record; the session is {session.state}"
        )
    data = _read(scan)
    folder = meeting_facts.folder(datadir, session.uuid)
    _check_unlike(scan.name, data, folder)
    for other in sorted(folder.parent.glob("*/")):
        if other != folder:
            _check_elsewhere(scan.name, data, other)
    return data


def _check_unlike(name: str, data: bytes, folder: Path) -> None:
    """Raises Refused where the file is a paper of the session, unsigned or another one signed."""
    for paper in _papers(folder):
        printed = paper.read_bytes()
        if data == printed:
            raise Refused(f"{name}: this is {paper.name} as it was printed, not signed")
        # A digital signature is appended to the bytes of a PDF.
        if paper.suffix == ".pdf" and paper.name != MINUTES and data.startswith(printed):
            raise Refused(f"{name}: this is {paper.name}, not the minutes")
    # Of whatever place, as a machine that printed it is not this one: a scanner names itself here.
    if _TYPESET in data and _DIGITALLY_SIGNED not in data:
        raise Refused(f"{name}: this is a paper of this program as it was printed, not signed")


def _check_elsewhere(name: str, data: bytes, folder: Path) -> None:
    """Raises Refused where the file belongs to another session of the data directory."""
    for paper in (*_papers(folder), *_scans(folder)):
        theirs = paper.read_bytes()
        if data == theirs or (paper.name == MINUTES and data.startswith(theirs)):
            raise Refused(f"{name}: this is {paper.name} of session {folder.name}")


async def attach(books: Books, session: Session, scan: Path, *, alone: bool = False) -> Path:
    """Adds a scan, and writes the documents of the session with it; idempotent.

    Args:
        alone: whether it takes the place of all scans before, as where another paper was scanned.

    Returns:
        The zip of the documents and the scans, ``<uuid>.papers.zip``.

    Raises:
        As `check`.
    """
    datadir, uuid = books.datadir, session.uuid
    data = check(datadir, session, scan)
    folder = meeting_facts.folder(datadir, uuid)
    if alone:
        for earlier in _scans(folder):
            earlier.unlink()
    _keep(folder, data, scan.suffix.lower())
    documents = {path.name: path.read_bytes() for path in (*_papers(folder), *_scans(folder))}
    target = datadir.bundle(uuid).with_name(f"{uuid}{paperwork.SUFFIX}")
    chair = keys.signer(datadir, uuid, "chair")
    belonging = await _belonging(books, session)
    with files.replacing(target) as file:
        paperwork.write(file, belonging, documents, chair)
    return target


def attached(datadir: DataDir, uuid: str) -> list[Path]:
    """The scans of a session, in the order in which they were attached."""
    return _scans(meeting_facts.folder(datadir, uuid))


async def _belonging(books: Books, session: Session) -> Belonging:
    if isinstance(session.definition, PaperDefinition):
        count = await counted.of_books(books, session)
        return Belonging(session.uuid, count.definition, count.digest)
    phi = session.electronic.election.phi
    return Belonging(session.uuid, phi, minutes.digest(books.datadir.bundle(session.uuid)))


def _read(scan: Path) -> bytes:
    suffix = scan.suffix.lower()
    if suffix not in _BEGINNINGS:
        raise Refused(f"{scan}: one of {' '.join(_BEGINNINGS)} is expected")
    size, most = scan.stat().st_size, result_file.MAX_SCAN
    if not 0 < size <= most:
        raise Refused(f"{scan}: {size} bytes, 1 to {most >> 20} MB are expected")
    data = scan.read_bytes()
    if not data.startswith(_BEGINNINGS[suffix]):
        raise Refused(f"{scan}: its bytes are not those of a file that ends so")
    return data


def _papers(folder: Path) -> Iterator[Path]:
    """What the program printed, as long as nobody has signed it."""
    for path in sorted(folder.glob("*")):
        own = path.name != papers_form.FILE and not path.name.startswith((".", f"{_SCAN}-"))
        if own and path.is_file():
            yield path


def _scans(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"{_SCAN}-*"))


def printed(datadir: DataDir, uuid: str) -> bool:
    """Whether the minutes of a session were printed here."""
    return (meeting_facts.folder(datadir, uuid) / MINUTES).exists()


def _keep(folder: Path, data: bytes, suffix: str) -> None:
    """Under the next number, unless the same bytes are there already."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    scans = _scans(folder)
    if any(path.read_bytes() == data for path in scans):
        return
    if len(scans) == result_file.MOST_SCANS:
        raise Refused(f"{len(scans)} scans are attached already")
    files.write(folder / f"{_SCAN}-{len(scans) + 1:02}{suffix}", data, mode=0o600)

"""A copy of a whole data directory in one file, and back.

The copy has the settings, keys, both books, archives and documents: whoever holds it holds the
server's keys. Of both books only rows are copied, in the order of their keys: pages that kept
deleted rows or the order of arrival stay behind, and so do recoveries, which are for another
device of the same day. The box is copied before the registrar, so that a copy made while people
check in never has more credentials than tokens. What is stored after the copy is not in it: a
vote under way that is restored has lost the ballots that came since, whatever was promised.
"""

import hashlib
import shutil
import sqlite3
import stat
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final

from admin.record import files
from admin.session.datadir import SETTINGS, DataDir
from crypto.errors import Malformed, Refused
from storage.erasing import erase, erasing_log
from storage.registrar.tables import recovery

SUMS: Final = "SHA256SUMS"
_SIDE: Final = ("-wal", "-shm", "-journal")  # of a database that is open; its copy needs none
_MOST_SUMS: Final = 16 << 20  # bytes: a hundred thousand files


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy holds: how many files, and their bytes in all."""

    files: int
    size: int


def make(datadir: DataDir, target: Path) -> Copied:
    """Writes the copy, readable for its owner alone.

    Raises:
        Refused: a book is not a file in this directory, or the copy would lie in it.
        OSError: something cannot be read or written.
    """
    folder = datadir.folder.resolve()
    if target.resolve().is_relative_to(folder):
        raise Refused(f"{target}: the copy must not lie in the data directory itself")
    books = [
        _book(folder, name) for name in (datadir.settings.box_db, datadir.settings.registrar_db)
    ]
    lines, size = [], 0
    with (
        tempfile.TemporaryDirectory(dir=target.parent) as scratch,
        ExitStack() as erased,
        files.replacing(target, mode=0o600) as file,
        tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        copies = [Path(scratch) / book.name for book in books]
        for copy in copies:
            erased.callback(erase, copy)
        _copy_box(books[0], copies[0])
        _copy_registrar(books[1], copies[1])
        named = [(path.name, path) for path in copies]
        for name, path in [*named, *_others(folder, books, datadir.lock)]:
            digest = _add(tar, name, path)
            lines.append(f"{digest}  {name}\n")
            size += path.stat().st_size
        tar.addfile(_entry(SUMS, len(sums := "".join(lines).encode())), BytesIO(sums))
    return Copied(len(lines), size)


def restore(source: Path, folder: Path) -> Copied:
    """Makes a data directory out of a copy: all of it, or nothing.

    Raises:
        Refused: the directory is there already and is not empty.
        Malformed: not a copy, or damaged; names the file.
        OSError: something cannot be read or written.
    """
    if folder.exists() and any(folder.iterdir()):
        raise Refused(f"{folder} is not empty: a copy is restored into a directory of its own")
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        with source.open("rb") as file, _opened(file, source) as tar:
            digests = _extract(tar, beside)
        _check(digests, beside)
        if folder.exists():
            folder.rmdir()
        beside.rename(folder)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    paths = [folder / name for name in digests]
    return Copied(len(paths), sum(path.stat().st_size for path in paths))


def _book(folder: Path, name: str) -> Path:
    """The file of a book; a database server has its own way of being copied."""
    if "://" in name or not (path := folder / name).resolve().is_relative_to(folder):
        raise Refused(
            "a book is not a file in the data directory: copy it with pg_dump or the like"
        )
    return path


def _copy_box(book: Path, target: Path) -> None:
    """Writes the rows as they are between two transactions, even while others write."""
    with erasing_log(book), closing(sqlite3.connect(book)) as source:
        source.execute("VACUUM INTO ?", (str(target),))


def _copy_registrar(book: Path, target: Path) -> None:
    """As the box, without recoveries: these are taken out in memory, so that no disk gets them."""
    with (
        erasing_log(book),
        closing(sqlite3.connect(book)) as source,
        closing(sqlite3.connect(":memory:", isolation_level=None)) as copy,
    ):
        source.backup(copy)
        if copy.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (recovery.name,)).fetchone():
            copy.execute(f"DELETE FROM {recovery.name}")  # noqa: S608  a constant
        copy.execute("VACUUM INTO ?", (str(target),))


def _others(folder: Path, books: list[Path], lock: Path) -> Iterator[tuple[str, Path]]:
    """Every other file, by name; hidden ones are unfinished."""
    leave = {lock, *(Path(f"{book}{side}") for book in books for side in ("", *_SIDE))}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in name.parts)
        if path.is_file() and not path.is_symlink() and not hidden and path not in leave:
            yield str(name), path


def _add(tar: tarfile.TarFile, name: str, path: Path) -> str:
    """Adds a file and returns its SHA-256."""
    size = path.stat().st_size
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        tar.addfile(_entry(name, size, stat.S_IMODE(path.stat().st_mode)), file)
    return digest


def _entry(name: str, size: int, mode: int = 0o600) -> tarfile.TarInfo:
    """Without owners and times."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, mode & 0o700
    return entry


def _opened(file: BinaryIO, source: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(fileobj=file, mode="r:")
    except tarfile.TarError:
        raise Malformed(f"{source}: not a copy of a data directory") from None


def _extract(tar: tarfile.TarFile, beside: Path) -> dict[str, str]:
    """Unpacks files only, inside the folder only; returns the sums that the copy lists."""
    sums = b""
    try:
        for entry in tar:
            if entry.name == SUMS and entry.size <= _MOST_SUMS and (file := tar.extractfile(entry)):
                sums = file.read()
            elif entry.isfile():
                tar.extract(entry, beside, filter="data")
            else:
                raise Malformed(f"{entry.name}: a copy holds files only")
    except (tarfile.TarError, EOFError) as error:
        raise Malformed(f"the copy is damaged: {error}") from None
    lines = sums.decode("utf-8", errors="replace").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def _check(digests: dict[str, str], beside: Path) -> None:
    """Raises Malformed unless the files are those of the list, byte for byte."""
    names = {str(path.relative_to(beside)) for path in beside.rglob("*") if path.is_file()}
    if different := names ^ set(digests):
        raise Malformed(f"{min(different)}: the copy and its list differ")
    if SETTINGS not in names:
        raise Malformed(f"the copy has no {SETTINGS}")
    for name, digest in digests.items():
        with (beside / name).open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                raise Malformed(f"{name}: damaged, its SHA-256 is another")

"""The papers of the officials: self-reports and the like, for delegates to read before they vote.

They lie in ``dossiers/`` of the draft, each name beginning with the official's number in the
list: ``03-bao-cao.pdf``. Sealing copies them into the data directory. They are no part of the
record, and nobody is told who has read what.
"""

import re
from pathlib import Path
from typing import Final

from admin.record import files
from admin.session.place import Place
from crypto.errors import Refused

FOLDER: Final = "dossiers"
SUFFIXES: Final = (".pdf", ".docx", ".doc", ".xlsx", ".txt", ".jpg", ".png")
MOST_BYTES: Final = 20 << 20  # for each; what a messenger passes on, and a phone opens
_NAME: Final = re.compile(r"([0-9]{1,3})(?![0-9]).*", re.DOTALL)


def copy(draft: Path, place: Place, uuid: str, officials: int) -> int:
    """Takes the papers of a draft over; returns how many there are.

    Raises:
        Refused: a file that belongs to no official, is of another kind, or too large.
    """
    source = draft / FOLDER
    if not source.is_dir():
        return 0
    found = [path for path in sorted(source.iterdir()) if not path.name.startswith(".")]
    for path in found:
        _check(path, officials)
    target = _folder(place, uuid)
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    for gone in {path.name for path in target.iterdir()} - {path.name for path in found}:
        (target / gone).unlink()
    for path in found:
        files.write(target / path.name, path.read_bytes(), mode=0o600)
    return len(found)


def of(place: Place, uuid: str) -> dict[int, list[Path]]:
    """The papers by the official's number, from 1."""
    listed: dict[int, list[Path]] = {}
    folder = _folder(place, uuid)
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if not path.name.startswith("."):
            listed.setdefault(_number(path), []).append(path)
    return listed


def _folder(place: Place, uuid: str) -> Path:
    return place.folder / FOLDER / uuid


def _number(path: Path) -> int:
    found = _NAME.fullmatch(path.name)
    return int(found[1]) if found else 0


def _check(path: Path, officials: int) -> None:
    if not 1 <= _number(path) <= officials:
        raise Refused(f"{path}: the name must begin with an official's number, 1 to {officials}")
    if path.suffix.lower() not in SUFFIXES:
        raise Refused(f"{path}: one of {' '.join(SUFFIXES)} is expected")
    if path.stat().st_size > MOST_BYTES:
        raise Refused(f"{path}: larger than {MOST_BYTES >> 20} MB")

"""The officials' dossiers: self-reports and the like, for delegates to read before they vote.

They lie in ``dossiers/`` of the draft, each name beginning with the official's number on the
ballot, then what it is: ``03-bao-cao.pdf`` (admin/rules/dossiers.py knows the names). Sealing
copies them into the data directory; until the vote opens they may be copied again. They are no
part of the record, and nobody is told who has read what.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from admin.prepare import session_form
from admin.record import files
from admin.rules import dossiers as rules
from admin.rules.dossiers import Kind
from admin.session.datadir import DataDir
from admin.session.session import Session
from admin.words import words
from crypto.errors import Refused, WrongState
from crypto.lifecycle import UNTIL_OPENING
from storage.registrar.book import RegistrarBook

FOLDER: Final = "dossiers"
OUTLINES: Final = "mau"  # a folder in it, with forms to be filled in
SUFFIXES: Final = (".pdf", ".docx", ".doc", ".xlsx", ".txt", ".jpg", ".png")
MOST_BYTES: Final = 20 << 20  # for each; what a messenger passes on, and a phone opens
_NAME: Final = re.compile(r"([0-9]{1,3})(?![0-9]).*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Change:
    """What copying made of the dossiers that were there: file names, in order."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Lack:
    """A piece that is asked for, and the officials (number, name) of whom there is none."""

    piece: rules.Piece
    officials: tuple[tuple[int, str], ...]


def copy(draft: Path, datadir: DataDir, uuid: str, officials: int) -> Change:
    """Takes the dossiers of a draft over; files with other contents count as added.

    Raises:
        Refused: a file that belongs to no official, is of another kind, or too large.
    """
    sources = _files(draft)
    for path in sources:
        _check(path, officials)
    target = _folder(datadir, uuid)
    before = {path.name: path for path in _listed(target)}
    added = [path.name for path in sources if not _same(path, before.get(path.name))]
    removed = sorted(set(before) - {path.name for path in sources})
    if sources:
        target.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in removed:
        (target / name).unlink()
    for path in sources:
        if path.name in added:
            files.write(target / path.name, path.read_bytes(), mode=0o600)
    return Change(tuple(added), tuple(removed), len(sources))


async def add(book: RegistrarBook, datadir: DataDir, session: Session, draft: Path) -> Change:
    """Takes the dossiers of a draft over again, for a session that is sealed and not yet open.

    A change stands in the journal, and whoever the bot knows is told that there is something new.

    Raises:
        WrongState: not sealed, or the vote has been opened.
        Refused: the draft is another session's, or `copy` refuses.
    """
    uuid, officials = session.uuid, session.officials
    if session.state not in UNTIL_OPENING:
        raise WrongState(f"papers are added until the vote opens; the session is {session.state}")
    if not (draft / FOLDER).is_dir():
        raise Refused(f"{draft} has no folder {FOLDER}")
    path = draft / session_form.FILE
    form = session_form.read(path, []) if path.exists() else None
    if form is not None and form.uuid != uuid:
        raise Refused(f"{draft} is the draft of another session, {form.uuid}")
    change = copy(draft, datadir, uuid, len(officials))
    if change.added or change.removed:
        for key, names in (("added", change.added), ("removed", change.removed)):
            if names:
                line = words(f"dossiers.entries.{key}", "vi", names=", ".join(names))
                await book.add_entry(uuid, line)
        files.write(_changes(datadir, uuid), b"%d\n" % (changes(datadir, uuid) + 1))
    return change


def changes(datadir: DataDir, uuid: str) -> int:
    """How often dossiers were added after the seal."""
    try:
        return int(_changes(datadir, uuid).read_bytes())
    except FileNotFoundError:
        return 0


def of(datadir: DataDir, uuid: str) -> dict[int, list[Path]]:
    """The dossiers by the official's number, from 1, in the order of their kinds."""
    return _by_number(_listed(_folder(datadir, uuid)))


def in_draft(draft: Path) -> dict[int, list[Path]]:
    """The same of a draft; under 0 what belongs to nobody."""
    return _by_number(_files(draft))


def lacking(
    regime_id: str, names: Sequence[str], dossiers: Mapping[int, Sequence[Path]]
) -> tuple[Lack, ...]:
    """The pieces that the regulation asks for of every official, and that are not there.

    Args:
        names: the officials, in the order of the ballot.
        dossiers: their files, by number.
    """
    numbered = list(enumerate(names, start=1))
    lacks = []
    for piece in rules.of_regime(regime_id).pieces:
        without = [
            (i, name) for i, name in numbered if piece.kind not in _kinds(dossiers.get(i, ()))
        ]
        if piece.required and without:
            lacks.append(Lack(piece, tuple(without)))
    return tuple(lacks)


def kind_of(path: Path) -> Kind:
    """What a file of a dossier is."""
    return rules.kind_of(path.stem)


def _kinds(paths: Sequence[Path]) -> set[Kind]:
    return {kind_of(path) for path in paths}


def _by_number(paths: Sequence[Path]) -> dict[int, list[Path]]:
    dossiers: dict[int, list[Path]] = {}
    for path in sorted(paths, key=lambda path: (rules.KINDS.index(kind_of(path)), path.name)):
        dossiers.setdefault(_number(path), []).append(path)
    return dossiers


def _files(draft: Path) -> list[Path]:
    return [path for path in _listed(draft / FOLDER) if path.name != OUTLINES]


def _listed(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]


def _same(path: Path, stored: Path | None) -> bool:
    return stored is not None and path.read_bytes() == stored.read_bytes()


def _changes(datadir: DataDir, uuid: str) -> Path:
    return datadir.folder / FOLDER / f"{uuid}.changes"


def _folder(datadir: DataDir, uuid: str) -> Path:
    return datadir.folder / FOLDER / uuid


def _number(path: Path) -> int:
    match = _NAME.fullmatch(path.name)
    return int(match[1]) if match else 0


def _check(path: Path, officials: int) -> None:
    if not path.is_file():
        raise Refused(f"{path}: only files are expected here")
    if not 1 <= _number(path) <= officials:
        raise Refused(f"{path}: the name must begin with an official's number, 1 to {officials}")
    if path.suffix.lower() not in SUFFIXES:
        raise Refused(f"{path}: one of {' '.join(SUFFIXES)} is expected")
    if path.stat().st_size > MOST_BYTES:
        raise Refused(f"{path}: larger than {MOST_BYTES >> 20} MB")

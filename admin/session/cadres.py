"""Birth and cadre code of the officials, as the draft had them: kept beside the books.

They are in no definition, no record and on no page: only the result file that goes to the office
above has them, which tells by them who was rated at two venues.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from admin.record import files
from admin.record.count import Cadre
from admin.session.datadir import DataDir
from crypto.encoding import Fields, canonical, members, parse
from crypto.session import MAX_OFFICIALS

_FOLDER: Final = "cadres"
_LIMIT: Final = 1 << 17  # bytes; 200 officials need about 15 kB


def keep(datadir: DataDir, uuid: str, cadres: Sequence[Cadre]) -> None:
    """Writes what the officials' table says of each; nothing where it says nothing of anybody."""
    path = _path(datadir, uuid)
    if not any(cadre.born or cadre.code for cadre in cadres):
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(exist_ok=True, mode=0o700)
    lines = [{"born": cadre.born, "code": cadre.code} for cadre in cadres]
    files.write(path, canonical({"cadres": lines}), mode=0o600)


def kept(datadir: DataDir, uuid: str) -> tuple[Cadre, ...]:
    """For each official of the ballot; () where nothing is known of anybody.

    Raises:
        Malformed: the file was altered.
    """
    path = _path(datadir, uuid)
    if not path.exists():
        return ()
    fields = Fields(parse(path.read_bytes(), path.name, limit=_LIMIT), path.name, "cadres")
    return fields.read("cadres", members, Cadre.from_json, low=1, high=MAX_OFFICIALS)


def _path(datadir: DataDir, uuid: str) -> Path:
    return datadir.folder / _FOLDER / f"{uuid}.json"

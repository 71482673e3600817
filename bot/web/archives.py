"""The files that a closed session leaves: its archive, and once published its whole record."""

import zipfile
from typing import Any, Final

from starlette.responses import FileResponse

from admin.session.datadir import DataDir
from crypto.errors import Incomplete, WrongState
from crypto.lifecycle import VOTED, State

MEDIA_TYPES: Final = {".bel": "application/x-belenios", ".zip": "application/zip"}
DESCRIBED: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {kind: {} for kind in MEDIA_TYPES.values()}}
}


def check_closed(state: State) -> None:
    """Raises WrongState before the close."""
    if state not in VOTED:
        raise WrongState("until the close only counts are published")


def download(datadir: DataDir, uuid: str, state: State) -> FileResponse:
    """The bundle once published, else the archive.

    Raises:
        WrongState: before the close.
        Incomplete: the close is not finished.
    """
    check_closed(state)
    bundle = datadir.bundle(uuid)
    path = bundle if state == State.PUBLISHED and bundle.exists() else datadir.archive(uuid)
    if not path.exists():
        raise Incomplete("the archive is being written")
    return FileResponse(path, media_type=MEDIA_TYPES[path.suffix], filename=path.name)


def results(datadir: DataDir, uuid: str, state: State) -> bytes:
    """The results.json of a published record; it may read the disk for a moment.

    Raises:
        WrongState: nothing has been published.
    """
    if state != State.PUBLISHED:
        raise WrongState("nothing has been published yet")
    with zipfile.ZipFile(datadir.bundle(uuid)) as bundle:
        return bundle.read("results.json")

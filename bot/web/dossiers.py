"""The papers about the officials, for whom the registrar knows; who reads what is not kept."""

from typing import Final

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import FileResponse

from admin.office import dossiers
from admin.rules.dossiers import Kind
from bot.sides.problem import Problem
from bot.web.registrar import LoggedIn, Side

_KINDS: Final = {
    ".pdf": "application/pdf",
    ".txt": "text/plain; charset=utf-8",
    ".jpg": "image/jpeg",
    ".png": "image/png",
}


class Paper(BaseModel):
    """A file about the official with this number, from 1; what it is goes by its name."""

    official: int
    kind: Kind
    name: str


router = APIRouter(prefix="/api/v1/registrar/papers", tags=["registrar"])


@router.get("")
async def papers(side: Side, login: LoggedIn) -> list[Paper]:
    """What there is to read, in the order of the officials and of the kinds."""
    files = dossiers.of(side.datadir, login.uuid)
    return [
        Paper(official=number, kind=dossiers.kind_of(path), name=path.name)
        for number, paths in sorted(files.items())
        for path in paths
    ]


@router.get("/{name}", response_class=FileResponse)
async def paper(name: str, side: Side, login: LoggedIn) -> FileResponse:
    """One file, under the name in the list."""
    files = dossiers.of(side.datadir, login.uuid)
    path = next((path for paths in files.values() for path in paths if path.name == name), None)
    if path is None:
        raise Problem(404, "not_found")
    kind = _KINDS.get(path.suffix.lower(), "application/octet-stream")
    return FileResponse(path, media_type=kind, filename=path.name)

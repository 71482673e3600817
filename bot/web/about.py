"""session.json as it was sealed: khối, guidance, who is not rated. Its hash stands under φ."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response

from admin.voting import registrar
from bot.web.problems import Problem
from bot.web.registrar import RegistrarSide, Said, side
from crypto.errors import BadCode

_PUBLIC: Final = "public"

Side = Annotated[RegistrarSide, Depends(side)]

router = APIRouter(prefix="/api/v1/registrar/about", tags=["registrar"])


@router.get("/{uuid}", response_class=Response)
async def about(uuid: str, here: Side, said: Said) -> Response:
    """The exact bytes; for members only where the record is."""
    policy = await here.policy(uuid)
    if policy.publication != _PUBLIC:
        if said is None:
            raise BadCode("no bearer")
        if (await registrar.who(here.book, said.credentials, int(here.clock()))).uuid != uuid:
            raise BadCode("the bearer is of another session")
    stored = await here.book.messages(uuid, "session")
    if 0 not in stored:
        raise Problem(404, "not_found")
    return Response(stored[0], media_type="application/json")

"""session.json as it was sealed: khối, guidance, who is not rated. Its hash stands under φ."""

from typing import Final

from fastapi import APIRouter, Response

from bot.web.registrar import Credentials, Side, bearer
from crypto.errors import BadCode

_PUBLIC: Final = "public"

router = APIRouter(prefix="/api/v1/registrar/about", tags=["registrar"])


@router.get("/{uuid}", response_class=Response)
async def about(uuid: str, side: Side, credentials: Credentials) -> Response:
    """The exact bytes; for members only where the record is."""
    policy = await side.policy(uuid)
    if policy.publication != _PUBLIC and (await bearer(side, credentials)).uuid != uuid:
        raise BadCode("the bearer is of another session")
    row = await side.book.session(uuid)
    return Response(row.session_json, media_type="application/json")

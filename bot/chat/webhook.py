"""Where Telegram brings updates, if it was asked to: answered when they have been worked on."""

import json

from fastapi import APIRouter, Request, Response

from bot import limits
from bot.chat.application import RunningBot
from bot.sides.problem import Problem

UPDATE_LIMIT = 1 << 20  # bytes; the longest message has 16 kB
_HEADER = "x-telegram-bot-api-secret-token"

router = APIRouter(tags=["telegram"])


@router.post(
    "/telegram/{secret}",
    response_class=Response,
    openapi_extra=limits.described_bytes("application/json"),
)
async def update(secret: str, request: Request) -> Response:
    """An update of the Bot API; only Telegram knows the address and the header."""
    chat = request.app.state.chat
    if not isinstance(chat, RunningBot) or not chat.is_telegram(
        secret, request.headers.get(_HEADER, "")
    ):
        raise Problem(404, "not_found")
    if not chat.ready:
        raise Problem(503, "not_ready", 1)
    raw = await limits.body(request, UPDATE_LIMIT)
    try:
        brought = await chat.brought(json.loads(raw))
    except (ValueError, RecursionError):
        brought = False
    if not brought:
        raise Problem(400, "bad_request")
    return Response()

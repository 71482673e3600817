"""What one request may cost: bytes, seconds and places.

The server in front (bot/server.py) limits heads and connections, and bot/web/guard.py how many
requests are at work; this is about bodies. Nothing here waits for a client longer than it says.
"""

import asyncio
import json
from typing import Any, Final, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect

from bot.sides.problem import Problem
from crypto.errors import Malformed

# A body has so long to begin, and then as long as it needs at this rate, a very poor mobile
# connection's: 39 s in all for a ballot of 44 officials, 11 s for a login.
FIRST_SECONDS: Final = 10.0
BYTES_PER_SECOND: Final = 3000
SMALL: Final = 4096  # bytes of a JSON body; the largest has 700

_Body = TypeVar("_Body", bound=BaseModel)


async def body(request: Request, limit: int) -> bytes:
    """The body; no more than one byte beyond the limit is ever kept.

    Raises:
        Problem: too large, too slow, or the client has gone; busy: see bot/web/guard.py.
    """
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length[:12]) > limit:
        raise Problem(413, "too_large")
    received, clock = bytearray(), asyncio.get_running_loop().time
    begun = clock()
    try:
        async with asyncio.timeout(FIRST_SECONDS) as timeout:
            async for chunk in request.stream():
                received += chunk[: limit + 1 - len(received)]
                timeout.reschedule(begun + FIRST_SECONDS + len(received) / BYTES_PER_SECOND)
                if len(received) > limit:
                    raise Problem(413, "too_large")
    except TimeoutError:
        raise Problem(408, "too_slow") from None
    except ClientDisconnect:
        raise Problem(400, "bad_request") from None
    return bytes(received)


async def json_body(request: Request, model: type[_Body], limit: int = SMALL) -> _Body:
    """A small JSON object as `model` describes it.

    Raises:
        Malformed: anything else, a key that stands twice included.
        Problem: see `body`.
    """
    raw = await body(request, limit)
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_object)
        return model.model_validate(value)
    except ValidationError as error:
        path = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise Malformed(f"{path or 'body'}: not as documented") from None
    except (ValueError, RecursionError):
        raise Malformed("body: not JSON") from None


def described(model: type[BaseModel]) -> dict[str, Any]:
    """The entry of openapi.json for a body that is read by `json_body`."""
    schema = {"schema": model.model_json_schema()}
    return {"requestBody": {"required": True, "content": {"application/json": schema}}}


def described_bytes(media_type: str) -> dict[str, Any]:
    """The same for a body that is read by `body`."""
    return {"requestBody": {"required": True, "content": {media_type: {}}}}


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return members

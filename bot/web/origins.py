"""Who may ask from a page that this server has not given out: the committee's, opened as a file.

A browser says of such a page `Origin: null`. It may ask for what a trustee's work needs, and is
told so by CORS; every other route stays closed to pages from elsewhere. What it may see or do,
its bearer decides: there are no cookies, and no credentials are ever let through.
"""

import re
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_FILE: Final = "null"
_UUID: Final = "[1-9A-HJ-NP-Za-km-z]{14,32}"
_TRUSTEES: Final = re.compile(
    f"/api/v1/(committee/{_UUID}(/[a-z0-9]+)?|sessions/{_UUID}|registrar/login"
    f"|registrar/about/{_UUID}|box/{_UUID}/checkpoints)"
)
# The list that a trustee seals: to be read, and nothing to be left there.
_LIST: Final = re.compile(f"/api/v1/box/{_UUID}/credentials")
_ALLOWED: Final = {
    "Access-Control-Allow-Methods": "GET, POST, PUT",
    "Access-Control-Allow-Headers": "authorization, content-type",
    "Access-Control-Max-Age": "600",
}


class Origins:
    """Around the app, within the guard."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _for_trustees(scope):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        from_file = headers.get("origin") == _FILE

        async def allowing(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                answer.add_vary_header("Origin")
                if from_file:
                    answer["Access-Control-Allow-Origin"] = _FILE
            await send(message)

        if from_file and scope["method"] == "OPTIONS":
            await Response(status_code=204, headers=_ALLOWED)(scope, receive, allowing)
            return
        await self._app(scope, receive, allowing)


def _for_trustees(scope: Scope) -> bool:
    path: str = scope.get("path", "")
    if _LIST.fullmatch(path) is not None:
        method: str = scope["method"]
        return method == "GET"
    return _TRUSTEES.fullmatch(path) is not None

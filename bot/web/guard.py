"""Around every request: places, headers, and no exception that gets out.

Answers may not be kept, framed or guessed at by a browser. No cookie is ever set. The box's
answers close their connection. A page says otherwise in headers of its own.
"""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot import logs
from bot.web import problems
from bot.web.operation import Requests

AT_WORK: Final = 1024  # requests, followers not counted; beyond that come back later
_BOX: Final = "/api/v1/box/"
_FOLLOWERS: Final = "/events"
_CLOSING: Final = frozenset({400, 408, 413, 503})  # the rest of such a request is not read

_POLICY: Final = b"content-security-policy"
_FRAMES: Final = b"x-frame-options"

_HEADERS: Final = (
    (b"cache-control", b"no-store"),
    (_POLICY, b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (_FRAMES, b"DENY"),
)


class Guard:
    """The outermost layer of the app."""

    def __init__(self, app: ASGIApp, requests: Requests, *, secure: bool) -> None:
        self._app = app
        self._requests = requests
        transport = (b"strict-transport-security", b"max-age=31536000")
        self._headers = (*_HEADERS, transport) if secure else _HEADERS
        self._at_work = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        counted = not scope["path"].endswith(_FOLLOWERS)
        guarded = self._guarded(scope, send)
        if counted and self._at_work >= AT_WORK:
            await problems.document(scope, 503, "busy", {"Retry-After": "1"})(
                scope, receive, guarded
            )
            return
        self._at_work += counted
        try:
            await self._app(scope, receive, guarded)
        except Exception as error:  # noqa: BLE001  told by class and place; the rest may be secret
            if not isinstance(error, OSError):
                logs.failure("answering", error)
        finally:
            self._at_work -= counted

    def _guarded(self, scope: Scope, send: Send) -> Send:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._finish(scope, message)
            await send(message)

        return guarded

    def _finish(self, scope: Scope, start: Message) -> None:
        headers = list(start.get("headers", []))
        present = {name.lower() for name, _ in headers}
        if _POLICY in present:  # which also says who may frame it
            present.add(_FRAMES)
        headers += [header for header in self._headers if header[0] not in present]
        if scope["path"].startswith(_BOX) or start["status"] in _CLOSING:
            headers.append((b"connection", b"close"))
        start["headers"] = headers
        route = getattr(scope.get("route"), "path", "")
        self._requests.answered(route, start["status"])

"""Around every request: places, headers, and no exception that gets out.

A request takes a place when all of it is there, and gives it back when its answer begins: who
sends half a request, or does not take an answer, keeps nobody from anything.
Answers may not be kept, framed or guessed at by a browser. No cookie is ever set. The box's
answers close their connection. A page says otherwise in headers of its own.
"""

from dataclasses import dataclass
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot import logs
from bot.sides.problem import busy
from bot.web import problems
from bot.web.operation import Requests

AT_WORK: Final = 1024  # requests that are whole and not answered; beyond that come back later
_BOX: Final = "/api/v1/box/"
_WITH_BODY: Final = frozenset({"POST", "PUT"})
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


@dataclass
class _Places:
    """How many are taken."""

    taken: int = 0


class _Place:
    """A request's place, once at most."""

    def __init__(self, places: _Places) -> None:
        self._places = places
        self._here = False

    def take(self) -> bool:
        """Whether the request has one now."""
        if not self._here and self._places.taken < AT_WORK:
            self._places.taken += 1
            self._here = True
        return self._here

    def leave(self) -> None:
        self._places.taken -= self._here
        self._here = False


def _whole(receive: Receive, place: _Place) -> Receive:
    """What the client sends; with the end of it the request takes its place. Problem: busy."""

    async def receiving() -> Message:
        message = await receive()
        if message["type"] == "http.request" and not message.get("more_body") and not place.take():
            raise busy()
        return message

    return receiving


class Guard:
    """The outermost layer of the app."""

    def __init__(self, app: ASGIApp, requests: Requests, *, secure: bool) -> None:
        self._app = app
        self._requests = requests
        transport = (b"strict-transport-security", b"max-age=31536000")
        self._headers = (*_HEADERS, transport) if secure else _HEADERS
        self._places = _Places()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        place = _Place(self._places)
        guarded = self._guarded(scope, send, place)
        if scope["method"] not in _WITH_BODY and not place.take():
            await problems.document(scope, 503, "busy", {"Retry-After": "1"})(
                scope, receive, guarded
            )
            return
        try:
            await self._app(scope, _whole(receive, place), guarded)
        except Exception as error:  # noqa: BLE001  told by class and place; the rest may be secret
            if not isinstance(error, OSError):
                logs.failure("answering", error)
        finally:
            place.leave()

    def _guarded(self, scope: Scope, send: Send, place: "_Place") -> Send:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                place.leave()
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

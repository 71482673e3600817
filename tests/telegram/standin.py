"""The server on the loopback, and what a test or the demo holds in its hands."""

import asyncio
import json
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Final, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.telegram import body, cloud, connections, launching, methods
from tests.telegram.cloud import Cloud
from tests.telegram.faults import Fault, Faults
from tests.telegram.flood import Flood
from tests.telegram.groups import Channel, Group
from tests.telegram.parameters import Parameters
from tests.telegram.people import Person
from tests.telegram.refusal import Refusal, flooded
from tests.telegram.updates import Update
from tests.telegram.webhook import Deliveries

TELEGRAMS: Final = Flood()  # the limits of the real one
_TOKEN: Final = re.compile(r"\d+:[A-Za-z0-9_-]+")
_BOT: Final = 123456
_GATEWAY: Final = "502 Bad Gateway"
_PAGE: Final = (  # what stands before the server writes it, no JSON
    f"<html>\r\n<head><title>{_GATEWAY}</title></head>\r\n<body>\r\n"
    f"<center><h1>{_GATEWAY}</h1></center>\r\n</body>\r\n</html>\r\n"
)
_OK: Final = 200
_TOO_MANY: Final = 429
_BAD_GATEWAY: Final = 502
_SOON: Final = 0.01  # seconds


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the bot as it was answered; status 0 if it was not.

    answer: the result, also if it was lost on its way.
    error: what was said instead.
    """

    method: str
    parameters: dict[str, Any]
    status: int
    answer: Any
    error: str | None


class StandIn:
    """Telegram, for one bot: `async with StandIn() as telegram`.

    key: what it signs for others with, in the place of Telegram's own.
    calls: everything the bot called but getUpdates.
    faults: what is to go wrong.
    deliveries: the webhook's patience.
    """

    def __init__(
        self,
        *,
        flood: Flood | None = TELEGRAMS,
        clock: Callable[[], float] = time.time,
        query_seconds: float = 15.0,
        http_apps: bool = False,
    ) -> None:
        self.token = f"{_BOT}:{secrets.token_urlsafe(27)[:35]}"
        self.username = cloud.NAME
        self.key = Ed25519PrivateKey.generate()
        self.calls: list[Call] = []
        self.faults = Faults()
        self.url = ""
        # A copy: what is counted belongs to one server.
        own = replace(flood) if flood is not None else None
        self.cloud = Cloud(self.token, own, clock, query_seconds, http_apps)
        self.deliveries = Deliveries(self.cloud)
        self._connections = connections.Connections(self._app())
        self._posting: asyncio.Task[None] | None = None
        self._busy = 0
        self._last = 0.0

    def _app(self) -> Starlette:
        return Starlette(routes=[Route("/bot{token}/{method}", self._called, methods=["POST"])])

    async def __aenter__(self) -> Self:
        self.url = f"http://{connections.LOOPBACK}:{await self._connections.listen()}"
        self._posting = asyncio.create_task(self.deliveries.run())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._posting is not None:
            self._posting.cancel()
            await asyncio.gather(self._posting, return_exceptions=True)
        await self._connections.close()

    # ---- people

    def person(self, number: int, name: str, language_code: str = "vi", **more: str) -> Person:
        """Somebody with Telegram, by id; `more` is username or last_name."""
        wire = {"id": number, "is_bot": False, "first_name": name, "language_code": language_code}
        self.cloud.people[number] = {**wire, **more}
        return Person(self.cloud, self.cloud.people[number])

    def init_data(self, person: Person, start_param: str | None = None, **changes: str) -> str:
        """What the person's phone hands to a Mini App that it opens now.

        Args:
            start_param: what stood in the link that was followed; None after a tap on a button.
            changes: other fields than true ones, empty for none; signed all the same.
        """
        fields = launching.fields(self.cloud, self.cloud.people[person.id], start_param)
        fields = {name: value for name, value in {**fields, **changes}.items() if value}
        return launching.signed(self.token, self.key, fields)

    def launch(self, person: Person, label: str) -> str:
        """The address that the person's phone opens by a Mini App's button.

        Raises:
            LookupError: no message has such a button.
        """
        return launching.address(person.app(label), self.init_data(person))

    def group(self, title: str) -> Group:
        """A supergroup with nobody in it."""
        return Group(self.cloud, self.cloud.common_chat("supergroup", title))

    def channel(self, title: str) -> Channel:
        """A channel whose posts the bot gets."""
        return Channel(self.cloud, self.cloud.common_chat("channel", title))

    # ---- updates

    @property
    def updates_unacknowledged(self) -> int:
        return self.cloud.updates.unacknowledged

    @property
    def updates(self) -> list[Update]:
        """Every update there ever was."""
        return self.cloud.updates.everything

    async def redeliver(self, update_id: int) -> None:
        """Has an update fetched once more, although the bot acknowledged it.

        Raises:
            KeyError: there was none.
        """
        self.cloud.updates.again(update_id)

    async def quiet(self, idle: float = 0.1, timeout: float = 30.0) -> None:  # noqa: ASYNC109  a test says how long
        """Until the bot has every update and made no call for a while.

        Raises:
            TimeoutError: it goes on, or there is no bot.
        """
        begin = time.monotonic()
        while self._outstanding or time.monotonic() - max(self._last, begin) < idle:
            if time.monotonic() - begin > timeout:
                raise TimeoutError(
                    f"after {timeout} s {self.updates_unacknowledged} updates wait,"
                    f" {self._busy} calls are at work, {len(self.calls)} are done"
                )
            await asyncio.sleep(_SOON)

    @property
    def _outstanding(self) -> bool:
        return bool(self.updates_unacknowledged or self._busy)

    # ---- HTTP

    async def _called(self, request: Request) -> Response:
        method = request.path_params["method"]
        counted = method != "getUpdates"
        self._busy += counted
        try:
            return await self._answered(request, method)
        finally:
            self._busy -= counted
            self._last = time.monotonic() if counted else self._last

    async def _answered(self, request: Request, method: str) -> Response:
        """The answer to a call, or what goes wrong instead."""
        try:
            self._check_token(request)
            parameters = await body.parameters(request)
        except Refusal as refusal:
            return _refused(refusal)
        fault = self.faults.hit(method)
        if fault is not None and not fault.after:
            return await self._broken(
                request, fault, Call(method, parameters.decoded, 0, None, None)
            )
        call, response = await self._done(request, method, parameters)
        if fault is not None:
            return await self._broken(request, fault, call)
        self._record(call)
        return response

    def _check_token(self, request: Request) -> None:
        token = request.path_params["token"]
        if not _TOKEN.fullmatch(token):
            raise Refusal(404, "Not Found")
        if not secrets.compare_digest(token, self.token):
            raise Refusal(401, "Unauthorized")

    async def _done(
        self, request: Request, method: str, parameters: Parameters
    ) -> tuple[Call, Response]:
        named = parameters.decoded
        try:
            result = await self._result(request, method, parameters)
        except Refusal as refusal:
            error = refusal.description
            return Call(method, named, refusal.code, None, error), _refused(refusal)
        answer = _json(_OK, {"ok": True, "result": result})
        return Call(method, named, _OK, result, None), answer

    async def _result(self, request: Request, method: str, parameters: Parameters) -> Any:
        """Stops to wait for updates when the bot has gone."""
        work = asyncio.create_task(methods.call(self.cloud, method, parameters))
        gone = asyncio.create_task(connections.gone(request))
        try:
            await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
            result = await work if work.done() else []
        finally:
            work.cancel()
            gone.cancel()
            await asyncio.gather(work, gone, return_exceptions=True)
        return self._shuffled(result) if method == "getUpdates" else result

    def _shuffled(self, updates: list[Update]) -> list[Update]:
        ordered = updates[::-1] if self.faults.reorder else updates
        times = 2 if self.faults.duplicate else 1
        return [update for update in ordered for _ in range(times)]

    def _record(self, call: Call) -> None:
        if call.method != "getUpdates":
            self.calls.append(call)

    async def _broken(self, request: Request, fault: Fault, call: Call) -> Response:
        """What the bot gets instead of its answer."""
        if isinstance(fault.code, int):
            response, error = _failure(fault.code)
            self._record(replace(call, status=fault.code, error=error))
            return response
        self._record(replace(call, status=0, error=fault.code))
        if fault.code == "hang_up" or await connections.still_there(request, self.faults.hang):
            await self._connections.hang_up(request)
        return Response()


def _json(status: int, value: dict[str, Any]) -> Response:
    return Response(json.dumps(value), status, media_type="application/json")


def _refused(refusal: Refusal) -> Response:
    value: dict[str, Any] = {
        "ok": False,
        "error_code": refusal.code,
        "description": refusal.description,
    }
    if refusal.parameters:
        value["parameters"] = refusal.parameters
    return _json(refusal.code, value)


def _failure(code: int) -> tuple[Response, str]:
    """A failure of the server or of what stands before it, and its words."""
    if code == _BAD_GATEWAY:
        return Response(_PAGE, code, media_type="text/html"), _GATEWAY
    refusal = flooded(1) if code == _TOO_MANY else Refusal(code, "Internal Server Error")
    return _refused(refusal), refusal.description
